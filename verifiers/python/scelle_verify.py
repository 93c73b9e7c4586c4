#!/usr/bin/env python3
"""Verifies scelle bundles, version 1, at level 3: seal, content, custody, time, and trust in keys or a list.

A second, independent program, written from the specification alone; ids such as [ZIP-6] are rules of that document.
It needs Python 3.11 and the programs `zstd` 1.5 and `openssl` 3, nothing else. Everything in a bundle is taken for
hostile: lengths are bounded before memory is used, bytes are hashed before they are decoded, and no more than a few
frames, lines and index parts are held at a time. What is not foreseen ends as "could not check", never as a verdict.

    scelle_verify.py [--signer KEY.pem | --trust LIST --trust-root KEY.pem [--trust-state DIR] [--at MOMENT]]...
                     [--timestamp-root CERTIFICATES.pem]... [--receipt EVENT]... [--log DIR] [--fixity] [--strict]
                     [--json] BUNDLE
"""
import base64, bisect, calendar, collections, contextlib, datetime, functools, hashlib, hmac, itertools, json, os, re, stat
import struct, subprocess, sys, tempfile, zlib
MIB, U16, U32, MAX_SEGMENTS, MAX_GROWN = 1 << 20, 0xffff, 0xffffffff, 1_000_000, 100_000  # [LIM-5] [LIM-6]
MIMETYPE = b"application/vnd.scelle.bundle+zip"
VERIFY_TXT_SHA256 = "0ee3d5160efd8f432f8789f80b2088d77b017852ff987f2ecaab2c517364fa57"  # Appendix A
ENCODINGS = {"case": "json", "index": "bincode", "list": "sha256sums", "manifest": "jsonl+zstd", "payload": "tar+zstd",
             "sums": "sha256sums+zstd"}
HEAD, SUMS = ["mimetype", "nonce", "VERIFY.txt"], "SHA256SUMS.zst"
TAIL = ["case.json", "SEALED.sha256", "statement.json"]
FOLDERS = b"payload manifest index seal timestamps custody".split()
PART = re.compile("payload/([0-9]{8})[.]tar[.]zst|manifest/([0-9]{8})[.]jsonl[.]zst|index/([0-9]{8})[.]bin")
GROWN = re.compile("seal/[0-9a-f]{16}[.]dsse[.]json|timestamps/[a-z0-9-][a-z0-9.-]{0,63}[.]tsr"
                   "|custody/[a-z0-9-][a-z0-9.-]{0,63}[.]dsse[.]json")  # [MEM-3]
EPOCH, LAST_SECOND, NEVER = datetime.datetime(1970, 1, 1), 253_402_300_799, 1 << 60
class Bad(Exception): """What was read breaks a rule; the text says which."""
def need(condition, text):
    if not condition: raise Bad(text)
def sha256(data): return hashlib.sha256(data).digest()
# ------------------------------------------------------------ JSON (section 1)
def parse_json(raw):  # [JSON-1] to [JSON-4] the value, if the bytes are its RFC 8785 form (which repeats no key)
    def refuse(_): raise Bad("JSON-1, JSON-2: not an integer, or too large, or a key that is not ASCII")
    def integer(digits): return int(digits) if len(digits) < 18 and abs(int(digits)) < 1 << 53 else refuse(digits)
    def ascii_keys(pairs): return dict(pairs) if all(key.isascii() for key, _ in pairs) else refuse(pairs)
    marks = re.sub(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[^][{},"]++', b"", raw)  # brackets, and commas between values
    depths = itertools.accumulate((mark in b"[{") - (mark in b"]}") for mark in marks)
    need(len(marks) < 1 << 22 and max(depths, default=0) <= 32, "LIM-13, LIM-17: more values than fit, or too nested")
    try:
        value = json.loads(raw.decode(), parse_int=integer, parse_float=refuse, parse_constant=refuse,
                           object_pairs_hook=ascii_keys)
        again = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    except ValueError as error: raise Bad("JSON-3: not JSON in UTF-8") from error
    need(again == raw, "JSON-3: not the RFC 8785 form")
    return value
def is_utf8(raw): return raw.decode(errors="ignore").encode() == raw
def from_base64(value):
    with contextlib.suppress(ValueError):
        raw = base64.b64decode(value if type(value) is str else "?", validate=True)
        if base64.b64encode(raw).decode() == value: return raw
    raise Bad("not base64, or not in its canonical form")
def shaped(value, shape, name):  # the value, or what it means; Bad if it has not the shape, which is one of these:
    if type(shape) is dict: return shaped_object(value, shape, name)  # an object of these keys
    if type(shape) is list:  # an array: [shape, least and most length]
        need(type(value) is list and shape[1] <= len(value) <= shape[2], f"{name}: not an array, or of a wrong length")
        return [shaped(item, shape[0], name) for item in value]
    if type(shape) is range: good = type(value) is int and value in shape
    elif type(shape) is type: good = type(value) is shape
    elif type(shape) is str: good = type(value) is str and re.fullmatch(shape, value)  # a pattern
    else: good = (value := shape(value)) is not None  # a function that gives the meaning
    need(good, name)
    return value
def shaped_object(value, shape, name):  # `key*` is required, `key/` is bytes, "" is a test of the whole
    need(type(value) is dict, f"{name} is not an object")
    found = {}
    for key, inner in shape.items():
        field = key.rstrip("*/")
        if key.endswith("/") and field not in value and field + "_b64" in value:  # [JSON-5]
            item = from_base64(value[field + "_b64"])
            need(not is_utf8(item), f"JSON-5: {field}_b64 for UTF-8")
        elif field in value: item = shaped(value[field], str, field).encode() if key.endswith("/") else value[field]
        else: item = need("*" not in key, f"{name} has no {field}")
        if field and item is not None: found[field] = shaped(item, inner, field)
    need(len(found) == len(value), f"JSON-3, JSON-5: {name} has an unknown key, or one twice")
    need("" not in shape or shape[""](found), f"the values of {name} do not fit together")
    return found
def such(test): return lambda value: value if test(value) else None  # the shape of values that pass a test
def instant(value):  # [TIME-2]
    shaped(value, "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", "an instant")
    try: return value if datetime.datetime.fromisoformat(value[:-1]).year >= 1970 else None
    except ValueError: return None
def is_line_time(value):  # [TIME-1]
    found = type(value) is str and re.fullmatch(r"(-?)(0|[1-9][0-9]{0,18})\.([0-9]{9})", value)
    return found and value != "-0.000000000" and int(found[2]) + bool(found[1] and int(found[3])) <= 1 << 62
HEX32, HEX64, UINT32 = "[0-9a-f]{32}", "[0-9a-f]{64}", range(1 << 32)
COUNT, EITHER_SIGN = range(1 << 53), range(1 - (1 << 53), 1 << 53)
anything, not_empty, line_time = such(lambda v: True), such(len), such(is_line_time)
is_true, text_16k = such(lambda v: v is True), such(lambda v: type(v) is str and 0 < len(v.encode()) <= 16384)
# ------------------------------------------------------------ trees and chains (section 14)
class Tree:  # a tree head (RFC 9162), leaf by leaf: holds the heads of complete subtrees, the larger first
    def __init__(self): self.heads, self.leaves = [], 0
    def add(self, leaf):
        head, n = sha256(b"\0" + leaf), self.leaves
        while n & 1: head, n = sha256(b"\1" + self.heads.pop() + head), n >> 1
        self.heads, self.leaves = self.heads + [head], self.leaves + 1
    def head(self):
        return functools.reduce(lambda right, left: sha256(b"\1" + left + right), self.heads[::-1] or [sha256(b"")])
SHA256_K = [int(n ** (1 / 3) % 1 * 2 ** 32) for n in range(2, 312) if all(n % d for d in range(2, n))]  # of 64 primes
def sha256_block(chain, block):  # FIPS 180-4, 6.2.2: the chain value after one more block of 64 bytes
    w = list(struct.unpack(">16I", block))
    for x, y in ((w[i - 15], w[i - 2]) for i in range(16, 64)):
        w.append(w[-16] + ((x >> 7 | x << 25) ^ (x >> 18 | x << 14) ^ x >> 3) + w[-7]
                 + ((y >> 17 | y << 15) ^ (y >> 19 | y << 13) ^ y >> 10) & U32)
    a, b, c, d, e, f, g, h = start = struct.unpack(">8I", chain)
    for k, word in zip(SHA256_K, w):
        t = h + (((e >> 6 | e << 26) ^ (e >> 11 | e << 21) ^ (e >> 25 | e << 7)) & U32) + (e & f ^ ~e & g) + k + word
        u = ((a >> 2 | a << 30) ^ (a >> 13 | a << 19) ^ (a >> 22 | a << 10)) + (a & b ^ a & c ^ b & c)
        a, b, c, d, e, f, g, h = t + u & U32, a, b, c, d + t & U32, e, f, g
    return struct.pack(">8I", *(x + y & U32 for x, y in zip(start, (a, b, c, d, e, f, g, h))))
def is_chain_value(chain, sha, length):  # [CHN-1] [CHN-2] whether this is the state of `sha` after `length` bytes:
    padding = b"\x80" + bytes(55) + struct.pack(">Q", length * 8)  # Python does not show the state; so the padding of a
    return sha256_block(chain, padding) == sha.digest()  # multiple of 64 is added to both, and compared
# ------------------------------------------------------------ keys and signatures (section 11)
ED25519, P256 = bytes.fromhex("302a300506032b6570032100"), bytes.fromhex(
    "3059301306072a8648ce3d020106082a8648ce3d03010703420004")  # what stands before the point in a key
ED_P, EC_P = 2 ** 255 - 19, 2 ** 256 - 2 ** 224 + 2 ** 192 + 2 ** 96 - 1
EC_N, EC_B, ED_Y8 = (int(number, 16) for number in (
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
    "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
    "7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7"))  # the last: y of a point of order 8
def is_ed25519_point(raw):  # [ENV-4] whether this is the one encoding of a point, which is not of small order
    y = int.from_bytes(raw, "little") & (1 << 255) - 1
    square = pow((y * y - 1) * (1 - 121665 * pow(121666, -1, ED_P) * y * y), ED_P >> 1, ED_P) == 1
    return square and y < ED_P and y not in (0, ED_Y8, ED_P - ED_Y8)  # for 1 and -1 it is 0
def is_key(spki):  # [ENV-4]
    if spki.startswith(ED25519) and len(spki) == 44: return is_ed25519_point(spki[12:])
    x, y = int.from_bytes(spki[27:59], "big"), int.from_bytes(spki[59:], "big")
    on_curve = x < EC_P and y < EC_P and (y * y - x * x * x + 3 * x - EC_B) % EC_P == 0
    return spki.startswith(P256) and len(spki) == 91 and on_curve
def der_integer(n): return bytes([2, n.bit_length() // 8 + 1]) + n.to_bytes(n.bit_length() // 8 + 1, "big")
IN_TOTO, TRUST_TYPE = "application/vnd.in-toto+json", "application/vnd.scelle.trust+json"
@functools.lru_cache(16)
def is_signed(spki, payload, signature, kind=IN_TOTO):  # [ENV-1] [ENV-4] whether this is the key's signature over it
    if spki.startswith(ED25519): good = len(signature) == 64 and is_ed25519_point(signature[:32])
    else:  # DER: a sequence of two integers
        length = signature[3] if 8 <= len(signature) <= 72 else 0
        r, s = int.from_bytes(signature[4:4 + length], "big"), int.from_bytes(signature[6 + length:], "big")
        body = der_integer(r) + der_integer(s)
        good = signature == bytes([0x30, len(body)]) + body and 0 < r < EC_N and 0 < s <= EC_N // 2
    if not good or not is_key(spki): return False
    with contextlib.ExitStack() as stack:  # openssl refuses an S that is not below the order, has no cofactor
        command, message = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-rawin"], (
            f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload)
        for option, data in ("-inkey", spki), ("-in", message), ("-sigfile", signature):
            file = stack.enter_context(tempfile.NamedTemporaryFile(buffering=0))
            file.write(data)
            command += [option, file.name]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True)
    if not done.stdout.startswith(b"Signature Verifi"): raise OSError(f"openssl: {done.stderr!r:.200}")
    return done.returncode == 0
def envelope_parts(raw):  # [ENV-2] (payload, key id, signature) of what has the exact form over its own payload
    found = re.fullmatch(rb'\{"payload":"([A-Za-z0-9+/=]*+)","payloadType":"application/vnd\.in-toto\+json",'
                         rb'"signatures":\[\{"keyid":"([0-9a-f]{64})","sig":"([A-Za-z0-9+/=]*+)"\}\]\}', raw or b"")
    with contextlib.suppress(Bad):
        if found: return from_base64(found[1].decode()), found[2].decode(), from_base64(found[3].decode())
    return None, None, None
def read_signer(path):  # the SubjectPublicKeyInfo in a PEM file, which the user names; ValueError if there is none
    with open(path, "rb") as file: pem = file.read(65536)
    found = re.search(rb"-----BEGIN PUBLIC KEY-----\s+([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----", pem)
    spki = base64.b64decode(b"".join(found[1].split()), validate=True) if found else b""
    if not is_key(spki): raise ValueError(f"{path}: not a public key in PEM, Ed25519 or P-256")
    return spki
# ------------------------------------------------------------ Zstandard (section 12)
def scan_frame(read, at, most_plain):  # [ZST-1] (stored length, content size) of the frame at `at`; decodes nothing
    head = read(at, 14)  # `read(at, size)` gives fewer bytes only at the end
    need(len(head) > 5 and head[:4] == b"\x28\xb5\x2f\xfd", "ZST-1: not a Zstandard frame")
    single = head[4] >> 5 & 1
    size_length = (single, 2, 4, 8)[head[4] >> 6]
    need(not head[4] & 0x1b and head[4] & 4 and size_length, "ZST-1: reserved bit, dictionary id, no checksum, no size")
    content = int.from_bytes(head[6 - single:6 - single + size_length], "little") + (256 if size_length == 2 else 0)
    window = content if single else (8 + (head[5] & 7)) << (head[5] >> 3) + 7
    need(window <= 8 * MIB and content <= most_plain, "LIM-14, LIM-15: window, or plain bytes of a frame")
    start, at, plain, last = at, at + 6 - single + size_length, 0, False
    while not last:
        block = read(at, 3)
        value = int.from_bytes(block, "little")
        last, kind, size = value & 1, value >> 1 & 3, value >> 3
        need(len(block) == 3 and kind != 3 and size <= 131072, "ZST-1: no block, or a reserved or oversized one")
        plain, at = plain + (size if kind < 2 else 0), at + 3 + (1 if kind == 1 else size)
        need(plain <= content and at + 4 - start <= (most_plain * 9 >> 3) + 65536, "LIM-16: stored bytes of a frame")
    need(len(read(at, 4)) == 4, "ZST-1: the frame ends early")
    return at + 4 - start, content
def decode_frame(raw, size):  # the plain bytes of a frame that scan_frame found sound; Bad if it does not decode
    with tempfile.TemporaryFile(buffering=0) as file:  # so that writing and reading cannot wait for each other
        file.write(raw)
        file.seek(0)
        with subprocess.Popen(["zstd", "-dcq"], stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as zstd:
            plain = zstd.stdout.read(size + 1)
            if len(plain) > size: zstd.kill()
    need(zstd.returncode == 0 and len(plain) == size, "ZST-1: a frame does not decode")
    return plain
# ------------------------------------------------------------ members (sections 2 and 13)
def part_names(s): return f"payload/{s:08}.tar.zst", f"manifest/{s:08}.jsonl.zst", f"index/{s:08}.bin"
def listed_names(segments):  # [LIST-1] [MEM-1] [MEM-2] the members in a list of so many segments, in order
    return itertools.chain(HEAD, itertools.chain.from_iterable(map(part_names, range(segments))), [SUMS])
def list_lines(raw, segments):  # [LIST-2] (name, digest) for each line of a list at its offset; None if it is not there
    at = 0
    for name in listed_names(segments):
        start, at = at, at + 67 + len(name)
        found = re.fullmatch(rb"([0-9a-f]{64})  ([!-~]+)\n", raw[start:at])
        yield name, bytes.fromhex(found[1].decode()) if found and found[2] == name.encode() else None
def segment_of(name): return int(max(filter(None, found.groups()))) if (found := PART.fullmatch(name)) else -1
def is_known(name):
    return segment_of(name) < MAX_SEGMENTS and bool(
        name in HEAD + TAIL + [SUMS] or PART.fullmatch(name) or GROWN.fullmatch(name))
def local_header(name, crc, size):  # [ZIP-2]
    extra = struct.pack("<HHQQ", 1, 16, size, size) if size >= U32 else b""
    return struct.pack("<IHHHHHIIIHH", 0x04034b50, 45, 0, 0, 0, 33, crc, min(size, U32), min(size, U32), len(name),
                       len(extra)) + name + extra
def central_header(name, crc, size, offset):  # [ZIP-3]
    extra = struct.pack("<QQ", size, size) * (size >= U32) + struct.pack("<Q", offset) * (offset >= U32)
    if extra: extra = struct.pack("<HH", 1, len(extra)) + extra
    return struct.pack("<IHHHHHHIIIHHHHHII", 0x02014b50, 0x032d, 45, 0, 0, 0, 33, crc, min(size, U32), min(size, U32),
                       len(name), len(extra), 0, 0, 0, 0x81a40000, min(offset, U32)) + name + extra
def end_records(members, length, offset):  # [ZIP-4]
    return struct.pack("<IQHHIIQQQQIIQIIHHHHIIH", 0x06064b50, 44, 0x032d, 45, 0, 0, members, members, length, offset,
                       0x07064b50, 0, offset + length, 1, 0x06054b50, 0, 0, min(members, U16), min(members, U16),
                       min(length, U32), min(offset, U32), 0)
def header_fields(raw, crc_at, name_at):  # (name, CRC-32, size) in a local or central header; no name breaks [LIM-7]
    crc, size, length = struct.unpack_from("<I4xIH", raw.ljust(name_at), crc_at)
    name = raw[name_at:name_at + length]
    if size == U32: size = int.from_bytes(raw[name_at + length + 4:name_at + length + 12], "little")
    return (name if re.fullmatch(rb"[!-~]{1,128}", name) else None), crc, size
class Member:  # `length` bytes from `start` on in a file
    def __init__(self, path, start, length, crc=None):
        self.path, self.start, self.length, self.crc = path, start, length, crc
    def read(self, at, size):  # fewer bytes only at the end
        size = max(0, min(size, self.length - at))
        file = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try: data = os.pread(file, size, self.start + at)
        finally: os.close(file)
        if len(data) < size: raise OSError("a file is shorter than it was")
        return data
    def hashes(self, at=0, end=None):  # SHA-256 and CRC-32
        sha, crc, end = hashlib.sha256(), 0, self.length if end is None else end
        for at in range(at, end, MIB):
            data = self.read(at, min(MIB, end - at))
            sha.update(data)
            crc = zlib.crc32(data, crc)
        return sha.digest(), crc
def log_members(path):  # [EVT-6] those of a log in a directory beside the bundle, if there is one
    for entry in os.scandir(os.fsencode(path)) if path else ():
        name = b"custody/" + entry.name
        if GROWN.fullmatch(name.decode("latin-1")):
            yield name, Member(entry.path, 0, entry.stat(follow_symlinks=False).st_size)
def is_same(member, other):  # whether both have the same bytes, if they are short and can be read
    if member.length != other.length or other.length > 2 * MIB or other.crc is not None: return False
    with contextlib.suppress(OSError): return member.read(0, 2 * MIB) == other.read(0, 2 * MIB)
    return False
class Bundle:  # V-1: the members of a bundle by name, in order; `fail(step, text)` is told what is wrong
    def __init__(self, path, fail, log=None):
        self.path, self.members, self.foreign = os.path.realpath(os.fsencode(path)), {}, []
        self.fail, is_file, found = functools.partial(fail, "V-1"), not os.path.isdir(self.path), []
        self.file = Member(self.path, 0, os.stat(self.path).st_size)
        if is_file and not self.sound_directory(found):
            self.fail("ZIP-1: the central directory is not sound")
            found = self.search_headers()
        beside = list(log_members(log))
        for name, member in itertools.chain(found if is_file else self.read_directory(), beside):
            name, first = name.decode("latin-1"), None
            if not is_known(name): self.fail(f"MEM-4: a member of this name does not belong here: {name[:128]!r}")
            elif (first := self.members.setdefault(name, member)) is member or beside and is_same(first, member): continue
            else: self.fail(f"MEM-1: {name} twice")
        self.segments = max(map(segment_of, self.members), default=-1) + 1  # [VER-6]
        wanted, order = itertools.chain(listed_names(max(self.segments, 1)), TAIL), list(self.members)
        missing = list(itertools.islice((name for name in wanted if name not in self.members), 100))
        for name in missing: self.fail(f"MEM-1: {name} is missing")
        if not any(name.startswith("seal/") for name in order): self.fail("there is no envelope")
        elif is_file and not missing:  # [MEM-1] [MEM-3]
            wanted = [*listed_names(self.segments), *TAIL, "seal/"]
            if any(not name.startswith(start) for name, start in zip(order, wanted)): self.fail("MEM-1: order")
        unlisted = {name: member for name, member in self.members.items() if name in TAIL or GROWN.fullmatch(name)}
        if len(unlisted) > MAX_GROWN + len(TAIL): self.fail("LIM-6: grown members")
        for name, member in unlisted.items():
            if name not in TAIL and member.length > 2 * MIB: self.fail(f"LIM-2: {name}")
            if member.crc is not None and member.crc != member.hashes()[1]: self.fail(f"ZIP-6: CRC-32 of {name}")
    def sound_directory(self, found):  # [VER-5] [ZIP-6] whether it is that of members one after another from 0 on
        size, wrong, at = self.file.length, [], 0
        end = self.file.read(max(size - 98, 0), 98)
        count, _, length, place = struct.unpack_from("<4Q", end.ljust(98), 24)
        if length + place != size - 98 or count * 47 > length or end != end_records(count, length, place): return False
        offset = place
        for _ in range(count):
            raw = self.file.read(place, 46 + 128 + 28)
            name, crc, size = header_fields(raw, 16, 46)
            local, header = local_header(name or b"", crc, size), central_header(name or b"", crc, size, at)
            if not name or not raw.startswith(header) or at + len(local) + size > offset: return False
            if self.file.read(at, len(local)) != local: wrong.append(name)
            found.append((name, Member(self.path, at + len(local), size, crc)))
            at, place = at + len(local) + size, place + len(header)
        if (at, place) != (offset, offset + length): return False
        for name in wrong: self.fail(f"ZIP-6: local header of {name}")
        return True
    def exact_header(self, at):  # [VER-5] (name, CRC-32, size, length) of the local header here; no name if none
        raw = self.file.read(at, 30 + 128 + 20)
        name, crc, size = header_fields(raw, 14, 30)
        header = local_header(name or b"", crc, size)
        return (name if raw.startswith(header) else None), crc, size, len(header)
    def search_headers(self):  # [VER-5] members by their local headers
        at, end = 0, self.file.length
        while at < end and self.file.read(at, 4) != b"PK\1\2":
            name, crc, size, length = self.exact_header(at)
            if name is None: self.fail(f"ZIP-1: neither member nor directory at offset {at}")
            else: yield name, Member(self.path, at + length, min(size, max(end - at - length, 0)), crc)
            at = self.next_header(at + 1) if name is None else at + length + size
            if at > end: self.fail("ZIP-1: a member ends behind the end of the file")
    def next_header(self, at):
        for start in range(at, self.file.length, MIB):
            for found in re.finditer(b"PK(?:\x01\x02|\x03\x04)", self.file.read(start, MIB + 3)):
                name = self.exact_header(start + found.start())[0]
                if found[0] == b"PK\1\2" or name and is_known(name.decode()): return start + found.start()
        return self.file.length
    def read_directory(self):  # [DIR-1] [DIR-2]
        for folder in (b"", *FOLDERS):
            place = os.path.join(self.path, folder)
            if folder and (os.path.islink(place) or not os.path.isdir(place)): continue  # reported before
            for entry in os.scandir(place):
                name, status = os.path.join(folder, entry.name), entry.stat(follow_symlinks=False)
                is_foreign = re.fullmatch(rb"(?s)[.]DS_Store|Thumbs[.]db|desktop[.]ini|[.]_.*", entry.name)
                if stat.S_ISREG(status.st_mode) and is_foreign: self.foreign.append(os.fsdecode(name))
                elif stat.S_ISREG(status.st_mode): yield name, Member(entry.path, 0, status.st_size)
                elif not stat.S_ISDIR(status.st_mode) or name not in FOLDERS: self.fail(f"DIR-2: {name!r}")
# ------------------------------------------------------------ statement and case (sections 8 and 10)
def texts(*names): return dict.fromkeys(names, text_16k)
def ascending(items, key): return all(a[key] < b[key] for a, b in itertools.pairwise(items))
PARAMETERS = "chunkBytes", "frameBytes", "segmentBytes", "entriesPerSegment"
def statement_fits(p):  # [STM-1] [STM-2]
    time, counts, signers, (C, F, S, _) = (
        p["acquisition"], p["counts"], p["requiredSigners"], (p["parameters"][key] for key in PARAMETERS))
    return (all(n >= 512 and n & n - 1 == 0 for n in (C, F, S)) and C <= F <= S <= 65536 * C
            and time["start"] <= time["end"] and counts["entries"] and counts["segments"]
            and ascending(signers["keys"], "keyid") and signers["threshold"] <= len(signers["keys"])
            and p["parameters"]["timeGiven"] == (p["clock"]["source"] == "given"))
CLOCK = {  # [STM-4]
    "host": {"estimatedErrorUs*": COUNT, "lastSync": instant, "maxErrorUs*": COUNT, "offsetUs*": EITHER_SIGN,
             "ptpClocks": [such(lambda name: type(name) is str and 0 < len(name.encode()) <= 64), 1, 16],
             "synchronised*": bool, "": lambda host: host.get("ptpClocks", []) == sorted(set(host.get("ptpClocks", [])), key=str.encode)},
    "offsetMs": EITHER_SIGN, "reference": str, "source*": "system|given",
    "": lambda clock: clock["source"] == "system" or "host" not in clock}
COUNTS = "bytes changed entries files gapBytes gaps segments tarBytes unreadable".split()
STATEMENT = {"_type*": "https://in-toto[.]io/Statement/v1", "predicateType*": "urn:scelle:seal:1", "predicate*": {
    "acquisition*": {"end*": instant, "start*": instant}, "answers": HEX64, "bundleId*": HEX32, "critical*": dict,
    "clock*": CLOCK, "root*": HEX64,
    "counts*": {key + "*": COUNT for key in COUNTS}, "extensions*": dict, "tool*": {"name*": str, "version*": str},
    "members*": {**{key + "*": str for key in ENCODINGS}, "list*": ENCODINGS["list"]},
    "parameters*": {"chunkBytes*": range(1 + (1 << 18)), "compressor*": str, "entriesPerSegment*": range(1, 65537),
                    "frameBytes*": range(1 + (1 << 22)), "level*": range(1, 20), "seedGiven*": bool,
                    "segmentBytes*": range(1 + (1 << 28)), "timeGiven*": bool, "wholeFileDigest*": bool},
    "requiredSigners*": {"keys*": [{
        "certificates": [such(lambda text: 0 < len(from_base64(text) or b"") <= 16384), 1, 8], "keyid*": HEX64, "role*": text_16k, "spki*": from_base64}, 1, 64],
                         "threshold*": range(1, 65)}, "": statement_fits},
    "subject*": lambda value: [shaped(item, {"digest*": {"sha256*": HEX64}, "name*": name}, "subject") for item, name in
                               zip(shaped(value, [dict, 2, 2], "subject"), ("SEALED[.]sha256", "case[.]json"))]}
GUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
def table_fits(table):  # [DEV-2]
    kind, parts = table["kind"], table["partitions"]
    type_form, id_form = (GUID, GUID) if kind == "gpt" else ("[0-9a-f]{2}", "[0-9a-f]{8}")
    return (kind != "none" or "id" not in table and not parts) and ascending(parts, "number") and (
        "id" not in table or re.fullmatch(id_form, table["id"])) and all(
        re.fullmatch(type_form, part["type"]) and (kind == "gpt" or "name" not in part) for part in parts)
PARTITION = {"lengthBytes*": COUNT, "number*": range(1, 1 << 53), "startBytes*": COUNT, **texts("name", "type*")}
USE = {"device*": text_16k, "how*": "mount|swap|unknown", "path/": not_empty, "readOnly*": bool,
       "": lambda use: ("path" in use) == (use["how"] == "mount")}
DEVICE = {**texts("model", "serial", "vendor", "wwid"), "backingFile/": not_empty, "logicalSectorBytes": COUNT,
          "physicalSectorBytes": COUNT, "readOnly": bool, "sizeBytes": COUNT, "uses": [USE, 0, 64], "partitionTable": {
              "kind*": "gpt|mbr|none", "partitions*": [PARTITION, 0, 128], **texts("id", "problem"), "": table_fits}}
LAW = {  # [CASE-3]
    "acquisition": {**texts("configuration", "method", "qualification", "unequalReason"), "locationState": "[A-Z]{2}",
                    "sourceSha256": HEX64, "": bool},
    "authorisation": {**texts("grounds", "issuer", "reference", "remedy", "scope"), "issuedAt": instant,
                      "issuerKind": "court|judge|prosecutor|other", "validFrom": instant, "validUntil": instant,
                      "": lambda it: it and it.get("validFrom", "") <= it.get("validUntil", "~")},
    "confidentiality": {"required*": bool, "until": instant}, "exculpatory": "yes|no|not_assessed",
    "cooperation": {"requestedState*": "[A-Z]{2}", "requestingState*": "[A-Z]{2}",
                    "": lambda it: it["requestedState"] != it["requestingState"]},
    "items": [{"category*": "subscriber|traffic|content|other_electronic_data", **texts("paths*", "requestItem"),
               "sensitive": "child_abuse|intimate_images|other"}, 1, 1000],
    "offence": {"article": such(lambda n: type(n) is int and (n in range(7, 18) or n == 19)), "maxPenaltyMonths": COUNT,
                "basis": "convention_offence|ict_offence_domestic|any_offence_domestic_evidence|serious_crime_cooperation",
                **texts("conduct", "label", "reference"), "": bool},
    "personalData": {"conditions": [texts("id*", "text*"), 1, 1000], "present*": bool, **texts("basis", "safeguards"),
                     "": lambda it: len({c["id"] for c in it.get("conditions", [])}) == len(it.get("conditions", []))},
    "power": "preservation|partial_disclosure|production|search_seizure|realtime_traffic|interception|spontaneous|"
             "joint_team", **texts("thirdParties"),
    "use": {"cases": [text_16k, 1, MIB], "consents": [text_16k, 1, MIB], "": bool}}
CASE = {  # [CASE-1] [DEV-1] [LIM-19]
    "authority*": {"name*": text_16k, "state*": "[A-Z]{2}"}, "nonce*": HEX64,
    "case*": {**texts("id*", "title"), "stage": "investigation|prosecution|judicial_proceeding"}, **LAW,
    "exhibit*": texts("id*", "description", "seizedAt", "seizedPlace"), "type*": "urn:scelle:case:1",
    "legalBasis": texts("instrument*", "article", "reference"), "operator*": texts("name*", "role", "contact"),
    "source": texts("make", "model", "serial", "writeProtection"), **texts("notes", "safeguards"),
    "scope*": {"exclude*": [text_16k, 0, MIB], "host": text_16k, "mountedOk": is_true, "oneFileSystem*": bool,
               "sources*": [{"device": DEVICE, "name*/": not_empty, "path*/": not_empty}, 1, MIB]}}
# ------------------------------------------------------------ manifest lines (section 5), tar (section 4)
def regions(pairs, distance):  # [LIM-13] [(start, end)...] of [(start, length)...] that ascend at this distance
    need(all(length for _, length in pairs), "MAN-1: an empty region")
    need(all(sum(a) + distance <= b[0] for a, b in itertools.pairwise(pairs)), "MAN-1: regions do not ascend")
    return [(start, start + length) for start, length in pairs]
def gap_regions(value):
    gaps = shaped(value, [{"at": instant, "attempts*": COUNT, "cause*": str, "len*": COUNT, "offset*": COUNT}, 1, 262144],
                  "gaps")
    need(len(gaps) < 262144 or gaps[-1]["cause"] == "limit", "MAN-7: the last gap")
    return regions([(gap["offset"], gap["len"]) for gap in gaps], 0)
def xattr_values(value):  # [(name, value or None)...]
    found = [(x["name"], x.get("value_b64")) for x in shaped(value, [XATTR, 1, 65536], "xattrs")]
    need(ascending(found, 0) and sum(len(data or b"") for _, data in found) <= 16 * MIB, "MAN-1, LIM-12: xattrs")
    return found
def is_path(path):  # [ORD-3] [LIM-10]
    return b"\0" not in path and len(path) <= MIB and (path == b"." or not {b"", b".", b".."} & set(path.split(b"/")))
XATTR = {"name*/": such(lambda v: v and b"\0" not in v), "value_b64": from_base64, "error": str,
         "": lambda x: ("error" in x) != ("value_b64" in x)}
ATTRIBUTES, PAIR = "append compressed dax encrypted immutable nodump verity".split(), [UINT32, 2, 2]
LINE = {  # [MAN-1] [MAN-8]
    "also": {"blake3": HEX64, "md5": HEX32, "sha1": "[0-9a-f]{40}", "sha512": "[0-9a-f]{128}", "": bool}, "n*": COUNT,
    "attributes": such(lambda v: type(v) is list and v and v == [a for a in ATTRIBUTES if a in v]), "dev": PAIR,
    "changed_while_reading": {"ctime": line_time, "mtime": line_time, "size": COUNT, "": bool}, "rdev": PAIR,
    "atime": line_time, "btime": line_time, "ctime": line_time, "mtime*": line_time, "chunks_root": HEX64,
    "gaps": gap_regions, "holes": lambda v: regions(shaped(v, [[COUNT, 2, 2], 1, 262144], "holes"), 1), "size": COUNT,
    "uid*": UINT32, "gid*": UINT32, "group/": anything, "user/": anything, "hard_link/": such(is_path),
    "ino": such(lambda v: type(v) is str and re.fullmatch("0|[1-9][0-9]{0,19}", v) and int(v) < 1 << 64),
    "kind*": "file|dir|symlink|fifo|socket|chardev|blockdev|disk|unknown", "mode*": "[0-7]{4}", "path*/": such(is_path),
    "link/": such(lambda v: 0 < len(v) <= MIB and b"\0" not in v), "nlink": range(2, 1 << 53), "salt*": HEX32,
    "sha256": HEX64, "unreadable": str, "xattrs": xattr_values, "xattrs_error": str, "xattrs_not_in_tar": is_true}
UNREAD = {"sha256", "chunks_root", "holes", "gaps", "also", "changed_while_reading"}
REPEATED = "kind size sha256 chunks_root holes gaps link link_b64 rdev unreadable".split()
TYPEFLAG = {"file": b"0", "disk": b"0", "symlink": b"2", "chardev": b"3", "blockdev": b"4", "dir": b"5", "fifo": b"6"}
def pax_record(key, value):  # [TAR-5]
    rest = len(key) + len(value) + 3
    return b"%d %b=%b\n" % (next(n for n in range(rest + 1, rest + 20) if n == rest + len(str(n))), key, value)
def tar_block(name, mode, uid, gid, size, mtime, flag, link=b"", major=0, minor=0):  # [TAR-3]
    block = struct.pack("100s8s8s8s12s12s8sc100s8s64x8s8s167x", name[:100], b"%07o" % mode, b"%07o" % uid,
                        b"%07o" % gid, b"%011o" % size, b"%011o" % mtime, b" " * 8, flag, link[:100], b"ustar\x0000",
                        b"%07o" % major, b"%07o" % minor)
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]
class Entry:  # a manifest line that is well formed and fits the parameters (VER-9); what of its content is proven
    def __init__(self, raw, p):
        value = parse_json(raw)
        f = self.fields = shaped(value, LINE, "the line")
        self.n, self.path, kind, self.size, self.hard = f["n"], f["path"], f["kind"], f.get("size", 0), "hard_link" in f
        lost, is_file, is_device = "unreadable" in f, kind in ("file", "disk"), kind.endswith("dev")
        self.gaps, self.holes, content, C = f.get("gaps", []), f.get("holes", []), is_file and not lost, p["chunkBytes"]
        self.in_tar, self.own = kind == "dir" or kind in TYPEFLAG and not lost, content and not self.hard  # [TAR-1]
        self.content = self.size if self.own else 0
        self.repeated = sha256(json.dumps([value.get(key) for key in REPEATED]).encode())  # [MAN-5]
        self.sha256, self.chunks_root = (bytes.fromhex(f.get(key, "")) for key in ("sha256", "chunks_root"))
        xattrs = [x for x in f.get("xattrs", ()) if x[1] is not None and self.in_tar and not self.hard]
        for key, least, most in (  # where it must be and where it may be
                ("link", kind == "symlink" and not lost, kind == "symlink"), ("nlink", self.hard, kind != "dir"),
                ("rdev", (is_device or kind == "disk") and not lost, is_device or kind == "disk"),
                ("size", content, is_file), ("chunks_root", content and self.size > C, self.size > C),
                ("sha256", needed := content and (self.size <= C or p["wholeFileDigest"]), needed),
                ("unreadable", kind == "unknown", True), ("xattrs_not_in_tar", False, bool(xattrs))):
            need(least <= (key in f) <= most, f"MAN-1, MAN-2, MAN-6: {key}")
        need(content or not UNREAD & f.keys(), "MAN-6: keys of a file that was read")
        need((self.path != b"." or kind == "dir" and self.n == 0) and f.get("hard_link") != self.path, "MAN-6, MAN-8")
        need(not is_device or lost or max(f["rdev"]) < 8 ** 7, "TAR-3: rdev")
        need(all(r[-1][1] <= self.size for r in (self.gaps, self.holes) if r) and (
            len(self.gaps) < 262144 or self.gaps[-1][1] == self.size), "MAN-6, MAN-7: a region passes size")
        self.header = self.make_header(f, xattrs) if self.in_tar else b""
        self.length = len(self.header) + self.content + -self.content % 512  # of the tar record
        self.proven, self.tree, self.blind, self.hashed, self.sha = [], Tree(), None, 0, hashlib.sha256()
    def make_header(self, f, xattrs):  # [TAR-2] to [TAR-6] all that stands before the content
        name, link = self.path + b"/" * (f["kind"] == "dir"), f.get("hard_link") or f.get("link", b"")
        seconds, fraction = f["mtime"].split(".")
        plain_time = seconds[0] != "-" and int(seconds) < 8 ** 11 and int(fraction) == 0
        paths = [(key, path) for key, path in ((b"path", name), (b"linkpath", link)) if len(path) > 100]
        numbers = [(b"size", self.content, 8 ** 11), (b"uid", f["uid"], 8 ** 7), (b"gid", f["gid"], 8 ** 7)]
        records = [] if all(is_utf8(path) for _, path in paths) else [(b"hdrcharset", b"BINARY")]
        records += paths + [(key, b"%d" % value) for key, value, limit in numbers if value >= limit]
        records += [] if plain_time else [(b"mtime", f["mtime"].rstrip("0").rstrip(".").encode())]
        escaped = [(b"SCHILY.xattr." + x.replace(b"%", b"%25").replace(b"=", b"%3D"), data) for x, data in xattrs]
        pax, more = (b"".join(itertools.starmap(pax_record, pairs)) for pairs in (records, escaped))
        fits = not xattrs or len(pax) + len(more) <= MIB
        self.xattrs_wrong, pax = ("xattrs_not_in_tar" in f) == fits, pax + (more if fits else b"")  # [TAR-6]
        if pax: pax = tar_block(b"PaxHeader", 0o644, 0, 0, len(pax), 0, b"x") + pax + bytes(-len(pax) % 512)  # [TAR-4]
        size, uid, gid = (value if value < limit else 0 for _, value, limit in numbers)
        return pax + tar_block(name, int(f["mode"], 8), uid, gid, size, int(seconds) if plain_time else 0,
                               b"1" if self.hard else TYPEFLAG[f["kind"]], link,
                               *f["rdev"] if f["kind"].endswith("dev") and not self.hard else ())
    def unit(self, at, F):  # [CUT-1] [CUT-2] the length of the unit that begins `at` bytes into the record, or 0
        into = at - len(self.header)
        if at == 0: return self.length if self.content < F else len(self.header)
        if self.content < F or into < 0 or into % F or into >= self.content: return 0
        return F if into + F < self.content else self.length - at
    def lost(self):  # [VER-12] what is not proven, as ranges that touch nowhere
        found, at = [], 0
        for start, end in sorted(self.proven) + [(self.size, self.size)]:
            found, at = found + [[at, start]] if start > at else found, max(at, end)
        return found
class Cuts:  # [CUT-4] [CUT-5] [CUT-7] the frames that the units of one segment make
    def __init__(self, p):
        (_, self.F, self.S, self.E), self.bytes, self.lines, self.frames = (p[key] for key in PARAMETERS), 0, 0, [0]
    def ends_before(self, unit, entry=None, first=False):  # of an entry, maybe its first; of none: the end marker
        full, too_long = self.lines >= self.E, self.bytes + unit > self.S
        ends = full if entry and not entry.in_tar else too_long or first and (full or entry.content >= self.S)
        return ends and (self.bytes or self.lines)
    def add(self, unit, is_end=False):
        if self.frames[-1] and (self.frames[-1] + unit > self.F or is_end): self.frames.append(0)
        self.frames[-1], self.bytes = self.frames[-1] + unit, self.bytes + unit
# ------------------------------------------------------------ index parts (section 6)
Item = collections.namedtuple("Item", "entry first_chunk blind digests chain")
Place = collections.namedtuple("Place", "tar_offset plain first_entry skip lines")
class Index:  # [IDX-1] [IDX-3] [IDX-5] Bad if it must be refused
    def __init__(self, raw, p):
        self.raw, self.at, (_, F, S, _) = raw, 48, (p[key] for key in PARAMETERS)
        need(raw[:8] == b"SCELIDX1" and len(raw) >= 48, "IDX-1: first bytes")
        self.segment, tar_offset, first_entry, skip, lines = struct.unpack_from("<5Q", raw, 8)
        self.frames = list(struct.iter_unpack("<II32s", self.take(40 * self.number())))
        self.chain, self.items = self.values(), collections.deque()
        for _ in range(self.number()):
            self.items.append(Item(self.number(), self.number(), self.take(32), self.values(), self.values()))
        sizes = [plain for _, plain, _ in self.frames]
        need(self.at == len(raw) and 1 <= len(sizes) <= 2 * S // F + 2 and (len(sizes) == 1 or all(sizes))
             and max(sizes) <= F + 4 * MIB and sum(sizes) <= max(S, F + 4 * MIB), "IDX-3, IDX-5: frames")
        self.place = Place(tar_offset, sum(sizes), first_entry, skip, lines)
    def take(self, size):
        need(size <= len(self.raw) - self.at, "IDX-3: ends early")
        self.at += size
        return self.raw[self.at - size:self.at]
    def number(self): return int.from_bytes(self.take(8), "little")
    def values(self): return [value for value, in struct.iter_unpack("32s", self.take(32 * self.number()))]
# ------------------------------------------------------------ custody events (section 21)
FOUND, ONWARD = ("accepted", "refused", "verified"), ("onward_requested", "onward_authorised", "onward_refused")
KINDS = (*FOUND, *ONWARD, *"offered copied conditions_accepted exculpatory_notified offer_withdrawn noted identified seized collected acquired hashed sealed unsealed "
         "transferred received stored checked_out checked_in examined converted redacted encrypted decrypted packaged "
         "sent disclosed returned destroyed".split())
PRESENCE = (("accepts", ("conditions_accepted",), ("conditions_accepted", "accepted")), ("copy", ("copied",), ("copied",)), ("disposal", ("destroyed",), ("destroyed",)), ("found", FOUND, FOUND),
            ("form", ONWARD[1:2], ONWARD[1:2]), ("reasons", ("refused", "onward_refused"), KINDS),
            ("to", ("offered", *ONWARD), (*ONWARD, *"offered copied sent disclosed exculpatory_notified".split())))  # where a key must be and where it may be
def event_fits(e):
    accepts = [name.encode() for name in e.get("accepts", ())]
    return all(a < b for a, b in itertools.pairwise(accepts)) and e["start"] <= e["end"] and e.get("copy") != e["branch"] and ascending(e["members"], "name") and all(
        (e["kind"] in least) <= (key in e) <= (e["kind"] in most) for key, least, most in PRESENCE)
PARTY = "[a-z0-9][a-z0-9.-]{0,63}"  # [TRU-2]
EVENT = {"_type*": "https://in-toto[.]io/Statement/v1", "predicateType*": "urn:scelle:event:1", "predicate*": {
    "accepts": [text_16k, 1, 1000], "form": "written|other",
    "actor*": {"keyid*": HEX64, "spki*": from_base64, **texts("name", "organisation", "qualification", "role")},
    "branch*": HEX32, "change": texts("by*", "justification*", "what*", "why*"), "clock*": CLOCK, "copy": HEX32,
    "critical*": dict, "disposal": texts("authority*", "method*"), "end*": instant, "start*": instant, "found": {
        "damage*": [{"len*": COUNT, "offset*": COUNT, **texts("cause*", "member*")}, 0, 1000], "damageCount*": COUNT,
        "exit*": range(256), "sealDigest*": HEX64, "verdict*": text_16k,
        "": lambda found: len(found["damage"]) == min(found["damageCount"], 1000)},
    "extensions*": dict, "how*": texts("courier", "encryption", "method*", "tool", "tracking", "transport"),
    "integrity": {"after*": HEX64, "before*": HEX64, "reason": text_16k,
                  "": lambda work: work["before"] == work["after"] or "reason" in work},
    "item": texts("condition", "description*", "exhibit*", "quantity", "seal"), "kind*": "|".join(KINDS),
    "members*": [{"name*": GROWN.pattern, "sha256*": HEX64}, 0, MIB], **texts("notes", "reasons", "witness"),
    "to": {"keyid": HEX64, "party": PARTY, "": lambda to: len(to) == 1}, "": event_fits,
    "where*": texts("access", "facility", "place*", "storage"), "why*": texts("authority", "case", "purpose*")},
    "subject*": [{"digest*": {"sha256*": HEX64}, "name*": "statement[.]json|event"}, 1, 1]}
Event = collections.namedtuple("Event", "digest after key kind branch copy to accepts start end offset critical seal members "
                                        "is_signed name", defaults=[""])
def read_event(raw):  # [EVT-1] Bad if it has not the form of an event
    payload, key, signature = envelope_parts(raw)
    need(payload is not None, "ENV-2: no envelope, or too long")
    found = shaped(parse_json(payload), EVENT, "the event")
    e, subject, start, end = found["predicate"], found["subject"][0], *(
        datetime.datetime.fromisoformat(found["predicate"][moment][:-1]) for moment in ("start", "end"))
    spki = e["actor"]["spki"]
    need(is_key(spki) and sha256(spki).hex() == e["actor"]["keyid"], "ENV-3, ENV-4: the actor's key")
    return Event(sha256(payload).hex(), (subject["name"], subject["digest"]["sha256"]), e["actor"]["keyid"], e["kind"],
                 e["branch"], e.get("copy"), e.get("to"), sha256(str(e["accepts"]).encode()) if "accepts" in e else None, start, end, e["clock"].get("offsetMs", 0), e["critical"],
                 e.get("found", {}).get("sealDigest", subject["digest"]["sha256"] if subject["name"] == "statement.json" else None),
                 e["members"],
                 key == e["actor"]["keyid"] and is_signed(spki, payload, signature))
def read_receipt(path):  # ValueError if it is no event
    with open(path, "rb") as file: raw = file.read(2 * MIB + 1)
    try: return read_event(raw if len(raw) <= 2 * MIB else None)
    except Bad as error: raise ValueError(f"{path}: {error}") from error
# ------------------------------------------------------------ trust lists (section 22)
def trust_fits(t):
    roots, keys = t["roots"]["keys"], [key for party in t["parties"] for key in party["keys"]]
    return (t["issued"] < t["expires"] and ("previous" in t) == (t["sequence"] > 1) and ascending(t["parties"], "id")
            and all(a < b for items in (t["logKeys"], t["timestampRoots"]) for a, b in itertools.pairwise(items))
            and all(ascending(owner["keys"], "keyid") for owner in (t["roots"], *t["parties"]))
            and all(a["root"] <= b["root"] for party in t["parties"] for a, b in itertools.pairwise(party.get("certificates", [])))
            and t["roots"]["threshold"] <= len(roots) and len({key["keyid"] for key in keys}) == len(keys) <= 65536
            and all(key["validFrom"] < key.get("validUntil", "~") for key in keys)
            and all(is_key(key["spki"]) and sha256(key["spki"]).hex() == key["keyid"] for key in roots + keys))
SUBJECT = {"commonName": "550403", "country": "550406", "organization": "55040a", "organizationIdentifier": "550461",
           "organizationalUnit": "55040b", "serialNumber": "550405"}
RULE = {"root*": such(lambda text: from_base64(text) or None), "subject*": dict.fromkeys(SUBJECT, text_16k) | {"": bool}}
KEY = {"keyid*": HEX64, "spki*": from_base64, "validFrom*": instant, "validUntil": instant,
       "revoked": {"at*": instant, "earlierStand*": bool, "reason*": text_16k}}
ROOTS = {"keys*": [{"keyid*": HEX64, "name*": text_16k, "spki*": from_base64}, 1, 64], "threshold*": range(1, 65)}
TRUST = {"expires*": instant, "issued*": instant, "id*": HEX32, "logKeys*": [text_16k, 0, 16 * MIB], "previous": HEX64,
         "parties*": [{"certificates": [RULE, 1, 64], "country*": "[A-Z]{2}", "id*": PARTY, "keys*": [KEY, 0, 65536], "name*": text_16k,
                       "role*": "contact_point|central_authority|laboratory|court|officer"}, 0, 65536],
         "roots*": ROOTS, "sequence*": range(1, 1 << 53), "type*": "urn:scelle:trust:1", "": trust_fits,
         "timestampRoots*": [such(lambda text: from_base64(text) is not None), 0, 16 * MIB]}
SIGNED_LIST = {"payload*": from_base64, "payloadType*": re.escape(TRUST_TYPE), "signatures*": [
    {"keyid*": HEX64, "sig*": from_base64}, 0, 16 * MIB], "": lambda e: ascending(e["signatures"], "keyid")}
def believed(key, at, by):  # [TRU-4] as of a moment, and by when it signed, if that is proven
    signed, revoked = min(at, by or at), key.get("revoked")
    return key["validFrom"] <= signed < key.get("validUntil", "~") and not (
        revoked and revoked["at"] <= at and not (revoked["earlierStand"] and signed < revoked["at"]))
NO_OTHERS = ("-no-CApath", "-no-CAstore")  # roots of this computer are nobody's here
def can_certify(one):  # [TSP-9] [TRU-6] whether a certificate is of who certifies others
    return [value[:5] for _, value in one.find("551d13")] in ([b"0\3\1\1\xff"], [b"0\6\1\1\xff"]) and all(
        len(bits) > 3 and bits[3] & 4 for _, bits in one.find("551d0f"))
def paths(leaf, others, roots):  # [TSP-9] the first eight (certificates between, root) by names alone, for openssl tries one
    found, steps = [], [0]
    def follow(one, taken):
        steps[0] += 1
        found.extend((taken, root) for root in roots if root.subject == one.issuer)
        for other in others:
            if len(found) >= 8 or steps[0] >= 512 or len(taken) == 6: return
            if other.subject == one.issuer and other not in (leaf, *taken) and can_certify(other): follow(other, taken + [other])
    follow(leaf, [])
    return found[:8]
def leads_to(leaf, between, root):
    with tempfile.TemporaryDirectory() as place:
        for name, raws in ("leaf", [leaf]), ("own", [leaf, *between]), ("root", [root]):
            with open(os.path.join(place, name), "wb") as file: file.write(b"".join(one.pem() for one in raws))
        command = ["openssl", "verify", *NO_OTHERS, "-no_check_time", "-partial_chain", "-untrusted", "own", "-CAfile", "root", "leaf"]
        return subprocess.run(command, cwd=place, capture_output=True, stdin=subprocess.DEVNULL).returncode == 0
def certified(signer, rules, at):  # [TRU-6] whether certificates vouch for a required key, as of a moment
    raws = [base64.b64decode(text) for text in signer.get("certificates", ())]
    own = certificates(raws)
    if not own or own[0].raw != raws[0] or own[0].spki != signer["spki"]: return False
    leaf, second = own[0], calendar.timegm(datetime.datetime.fromisoformat(at.rstrip("Z")).timetuple())
    if any(value != b"0\0" for _, value in leaf.find("551d13")) or not all(
            len(bits) > 3 and bits[3] & 0xc0 for _, bits in leaf.find("551d0f")): return False
    own = [one for one in own if one.start <= second <= one.end]
    for root, subject in rules:
        roots = [one for one in certificates([base64.b64decode(root)]) if can_certify(one) and one.start <= second <= one.end]
        if not roots or leaf not in own or not all((SUBJECT[key], text.encode()) in leaf.names for key, text in subject.items()): continue
        if any(leads_to(leaf, between, root) for between, root in paths(leaf, own, roots)): return True
    return False
class NotBelieved(Exception): """A trust list that is not to be used."""
def read_trust(path, roots, state, at):  # ({key id: SubjectPublicKeyInfo} to be believed, {key id: party}, has expired,
    #       {party: (State, role)}, whether a key is to be believed that signed by some moment, or is certified, time-stamping roots)
    with open(path, "rb") as file: raw = file.read(16 * MIB + 1)
    try:
        need(len(raw) <= 16 * MIB, "LIM-22: too long")
        envelope = shaped(parse_json(raw), SIGNED_LIST, "the envelope")
        payload = envelope["payload"]
        value = parse_json(payload)
        t = shaped(value, TRUST, "the list")
    except Bad as error: raise ValueError(f"{path} is not a trust list: {error}") from error
    signatures = {item["keyid"]: item["sig"] for item in envelope["signatures"]}
    def signers(keys): return {key["keyid"] for key in keys if key["keyid"] in signatures and is_signed(
        key["spki"], payload, signatures[key["keyid"]], TRUST_TYPE)}
    if len(signers(t["roots"]["keys"]) & roots.keys()) < t["roots"]["threshold"]: raise NotBelieved(f"TRU-3: {path}")
    if state: remember(os.path.join(state, t["id"]), t["sequence"], t.get("previous"), sha256(payload).hex(), value["roots"], signers)
    keys = {key["keyid"]: (key, party["id"]) for party in t["parties"] for key in party["keys"]}
    return ({keyid: key["spki"] for keyid, (key, _) in keys.items() if believed(key, at, None)},
            {keyid: party for keyid, (_, party) in keys.items()}, t["expires"] <= at,
            {party["id"]: (party["country"], party["role"]) for party in t["parties"]},
            lambda keyid, by, signer: believed(keys[keyid][0], at, by) if keyid in keys else signer and certified(
                signer, [(rule["root"], rule["subject"]) for party in t["parties"] for rule in party.get("certificates", [])],
                min(at, by or at)), value["timestampRoots"])
def remember(path, sequence, previous, digest, roots, signers):  # [TRU-5] the newest version of a list, in a file
    new = json.dumps({"digest": digest, "roots": roots, "sequence": sequence}, ensure_ascii=False,
                     separators=(",", ":"), sort_keys=True).encode()
    with contextlib.suppress(FileNotFoundError), open(path, "rb") as file:
        shape = {"digest*": HEX64, "roots*": ROOTS, "sequence*": COUNT}
        try: old = shaped(parse_json(file.read(16 * MIB)), shape, "what was remembered")
        except Bad as error: raise OSError(f"{path}: {error}") from error
        signed = len(signers(old["roots"]["keys"])) >= old["roots"]["threshold"]
        if (sequence, digest) == (old["sequence"], old["digest"]): return
        follows = sequence != old["sequence"] + 1 or previous == old["digest"]
        if sequence <= old["sequence"] or not signed or not follows: raise NotBelieved(f"TRU-5: {path}")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".new", "wb") as file: file.write(new)
    os.replace(path + ".new", path)
# ------------------------------------------------------------ time-stamps (section 24)
def ber_length(raw, at):  # (length or None if the end is marked, where the value begins)
    first = raw[at]
    if first <= 0x80: return (first if first < 0x80 else None), at + 1
    need(first < 0xff and at + 1 + (first & 0x7f) <= len(raw), "TSP-2: a length")
    return int.from_bytes(raw[at + 1:at + 1 + (first & 0x7f)], "big"), at + 1 + (first & 0x7f)
def der(tag, value):
    size = len(value).to_bytes(8, "big").lstrip(b"\0")
    return bytes([tag]) + (bytes([len(value)]) if len(value) < 0x80 else bytes([0x80 | len(size)]) + size) + value
def to_der(raw, at=0, depth=0):  # [TSP-2] (an element of BER as DER, where it ends)
    need(depth <= 32 and at + 2 <= len(raw) and raw[at] and raw[at] & 0x1f != 0x1f, "TSP-2: no element, or too nested")
    tag, (length, at) = raw[at], ber_length(raw, at + 1)
    end, parts = len(raw) if length is None else at + length, []
    need(end <= len(raw) and (length is not None or tag & 0x20), "TSP-2: cut")
    if not tag & 0x20: return der(tag, raw[at:end]), end
    if length is not None: raw = raw[:end]
    while raw[at:at + 2] != b"\0\0" if length is None else at < end:
        part, at = to_der(raw, at, depth + 1)
        need(tag != 0x24 or part[0] == 4, "TSP-2: pieces of a string")
        parts.append(part[ber_length(part, 1)[1]:] if tag == 0x24 else part)
    return der(4 if tag == 0x24 else tag, b"".join(parts)), at + 2 * (length is None)
def elements(raw):  # [(tag, value, bytes)...] of DER
    at, found = 0, []
    while at < len(raw):
        need(at + 2 <= len(raw), "TSP-2: cut")
        length, start = ber_length(raw, at + 1)
        need(length is not None and start + length <= len(raw), "TSP-2: not DER")
        found.append((raw[at], raw[start:start + length], raw[at:start + length]))
        at = start + length
    return found
def fields(raw, *tags):  # values, and bytes, of the elements, which have these tags; `-tag` may be missing: None
    found, values = collections.deque(elements(raw)), []
    for tag in tags:
        there = found and found[0][0] == abs(tag)
        need(there or tag < 0, "TSP-2: a part that is not what it should be")
        values.append(found.popleft()[1:] if there else (None, b""))
    need(not found, "TSP-2: more than there may be")
    return [value for value, _ in values], [whole for _, whole in values]
def only(raw, tag): return fields(raw, tag)[0][0]  # the value of the one element
SHA_2, oid = ("sha256", "sha384", "sha512"), bytes.fromhex
HASHES = {oid(f"60864801650304020{i}"): name for i, name in enumerate(SHA_2, 1)}
SIGNATURES = {oid(f"2a864886f70d01010{end}"): name for end, name in zip("bcd", SHA_2)} | {
    oid(f"2a8648ce3d04030{i}"): name for i, name in enumerate(SHA_2, 2)}
RSA_PSS = oid("2a864886f70d01010a")
SIGNED_DATA, TST_INFO, PKCS_9 = oid("2a864886f70d010702"), oid("2a864886f70d0109100104"), "2a864886f70d0109"
def as_seconds(text, micros=0, accuracy=0):  # (earliest, latest) second of a time in UTC
    at = calendar.timegm(datetime.datetime.strptime(text.decode(), "%Y%m%d%H%M%S").timetuple())
    back = max(accuracy - max(micros - 1, 0), 0)
    return max(at + -back // 1_000_000, 0), min(at - -(micros + accuracy) // 1_000_000, LAST_SECOND)
def x509_time(tag, text):  # RFC 5280 section 4.1.2.5
    return as_seconds((b"20" if text[:2] < b"50" else b"19") * (tag == 0x17) + text[:-1])[0]
class Certificate:
    def __init__(self, raw):
        values, wholes = fields(fields(only(raw, 0x30), 0x30, 0x30, 3)[0][0], 0xa0, 2, *[0x30] * 5, -0xa1, -0xa2, -0xa3)
        self.raw, self.serial, self.issuer, self.subject, self.extensions = raw, values[1], wholes[3], wholes[5], []
        pairs = [elements(pair) for _, pairs, _ in elements(values[5]) for _, pair, _ in elements(pairs)]
        self.spki, self.names = wholes[6], [(one[0][1].hex(), one[1][1]) for one in pairs if one[1][0] in (0x0c, 0x13)]
        self.start, self.end = (x509_time(tag, text) for tag, text, _ in elements(values[4]))
        for _, extension, _ in elements(only(values[9], 0x30)) if values[9] else ():
            identifier, critical, value = fields(extension, 6, -1, 4)[0]
            self.extensions.append((identifier, critical is not None, value))
    def find(self, hexadecimal): return [rest for identifier, *rest in self.extensions if identifier == oid(hexadecimal)]
    def pem(self): return b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(self.raw) + b"-----END CERTIFICATE-----\n"
def certificates(raws):
    found = []
    for raw in raws:
        with contextlib.suppress(Bad, ValueError, IndexError): found.append(Certificate(raw))
    return found
def read_roots(path):  # the base64 of certificates in PEM
    with open(path) as file: texts = re.findall("-----BEGIN CERTIFICATE-----([^-]*)-----END", file.read(16 * MIB))
    if not texts: raise ValueError(f"{path}: no certificates")
    return ["".join(text.split()) for text in texts]
def read_info(content, data):  # [TSP-4] [TSP-8] (earliest, latest, second) of a TSTInfo over the data
    version, _, imprint, _, moment, accuracy, *_ = fields(
        only(content, 0x30), 2, 6, 0x30, 2, 0x18, -0x30, -1, -2, -0xa0, -0xa1)[0]
    algorithm, digest = fields(imprint, 0x30, 4)[0]
    name = HASHES.get(elements(algorithm)[0][1])
    need(version == b"\1", "TSP-4: version")
    need(name and hashlib.new(name, data).digest() == digest, "TSP-8: over another file, or by a weak digest")
    time = re.fullmatch(rb"([0-9]{14})(?:[.]([0-9]*[1-9]))?Z", moment)
    need(time and moment >= b"1970", "TSP-4: genTime")
    units = [int.from_bytes(part or b"", "big") for part in fields(accuracy or b"", -2, -0x80, -0x81)[0]]
    fraction = (time[2] or b"").ljust(6, b"0")
    micros = int(fraction[:6]) + (len(fraction) > 6)
    return *as_seconds(time[1], micros, (units[0] * 1000 + units[1]) * 1000 + units[2]), as_seconds(time[1])[0]
def stamp_signer(info, content, own):  # [TSP-5] the certificate of who signed, and the signature algorithm
    tag, signer, _ = elements(only(info, 0x30))[1]
    need(tag in (0x30, 0x80), "TSP-5: who signed")
    _, _, hashed, attributes, signing, *_ = fields(only(info, 0x30), 2, tag, 0x30, 0xa0, 0x30, 4, -0xa1)[0]
    name, signing, found, before = HASHES.get(elements(hashed)[0][1]), elements(signing)[0][1], collections.defaultdict(list), b""
    need(name and SIGNATURES.get(signing, name) == name, "TSP-5, TSP-6: digest")
    for _, attribute, whole in elements(attributes):
        need(whole > before, "TSP-5: order of attributes")
        (kind, values), before = fields(attribute, 6, 0x31)[0], whole
        found[kind.hex()] += [value for _, _, value in elements(values)]
    need(found[PKCS_9 + "03"] == [der(6, TST_INFO)], "TSP-5: content-type")
    need(found[PKCS_9 + "04"] == [der(4, hashlib.new(name, content).digest())], "TSP-5: message-digest")
    told = []
    for name, value in [("sha1", it) for it in found[PKCS_9 + "10020c"]] + [("sha256", it) for it in found[PKCS_9 + "10022f"]]:
        algorithm, digest, issuer = fields(elements(elements(elements(value)[0][1])[0][1])[0][1], -0x30, 4, -0x30)[0]
        told.append((HASHES.get(elements(algorithm)[0][1], "sha1") if algorithm else name, digest, issuer))
    def is_named(one): return [value for _, value in one.find("551d0e")] == [der(4, signer)] if tag == 0x80 else (
        one.issuer + der(2, one.serial) == signer)
    def is_told(one): return all(digest == hashlib.new(name, one.raw).digest() and issuer in (None, der(
        0x30, der(0xa4, one.issuer)) + der(2, one.serial)) for name, digest, issuer in told)
    fit = [one for one in own if is_named(one) and is_told(one)]
    need(fit and told, "TSP-5: no certificate, or it is not signed as the signer's")
    return fit[0], signing
def read_stamp(raw, data, roots):  # [TSP-2] to [TSP-10] (earliest, latest, whether it is trusted); Bad if it fails
    whole, end = to_der(raw)
    need(end == len(raw), "TSP-2: bytes behind the end")
    (info, token), (status, _) = fields(only(whole, 0x30), 0x30, -0x30)
    need(fields(info, 2, -0x30, -3)[0][0] in (b"\0", b"\1") and token is not None, "TSP-3: no token that was granted")
    kind, explicit = fields(token, 6, 0xa0)[0]
    need(kind == SIGNED_DATA, "TSP-4: no signed data")
    (_, _, inside, own, lists, infos), parts = fields(only(explicit, 0x30), 2, 0x31, 0x30, -0xa0, -0xa1, 0x31)
    own, lists, infos = ([part[2] for part in elements(part or b"")] for part in (own, lists, infos))
    need(max(map(len, (own, lists, infos))) <= 16, "LIM-26: certificates, lists, signers")
    kind, content = fields(inside, 6, 0xa0)[0]
    need(kind == TST_INFO and len(infos) == 1, "TSP-4, TSP-5: no TSTInfo, or not one signer")
    content, own = only(content, 4), certificates(own)
    earliest, latest, at = read_info(content, data)
    leaf, signing = stamp_signer(infos[0], content, own)
    need(leaf.find("551d25") == [[True, der(0x30, der(6, oid("2b06010505070308")))]], "TSP-7: extended key usage")
    for _, bits in leaf.find("551d0f"): need(len(bits) == 4 and bits[3] and not bits[3] & 0x3f, "TSP-7: key usage")
    need(leaf.start <= at <= leaf.end, "TSP-7: validity")
    roots = [root for root in certificates(base64.b64decode(root) for root in roots) if can_certify(root) and root.start <= at <= root.end]
    # What no signature covers: of certificates those that were valid, to the second, which openssl takes for one less.
    own = [one for one in own if one.start <= at <= one.end]
    def rebuilt(own):
        inner = b"".join([*parts[:3], der(0xa0, b"".join(one.raw for one in own)), parts[5]])
        return der(0x30, der(6, SIGNED_DATA) + der(0xa0, der(0x30, inner)))
    with tempfile.TemporaryDirectory() as place:
        def put(name, raw):
            with open(os.path.join(place, name), "wb") as file: file.write(raw)
        def openssl(*words): return subprocess.run(["openssl", *words], cwd=place, capture_output=True, stdin=subprocess.DEVNULL)
        def is_good(*words): return openssl(*words).returncode == 0
        def put_all(own, roots):
            for name, raw in ("stamp", der(0x30, status + rebuilt(own))), ("token", rebuilt(own)), (
                    "own", b"".join(one.pem() for one in own)), ("roots", b"".join(one.pem() for one in roots)): put(name, raw)
        put("data", data), put("leaf", leaf.pem()), put_all([leaf], [])
        # With the certificate itself for a root, and with those that the user trusts. `ts` does not know RSA PSS.
        verify = ["ts", "-verify", "-data", "data", "-in", "stamp", "-no_check_time", "-CAfile"]
        signed, path = verify + ["leaf", "-partial_chain"], verify + ["roots"]
        if signing == RSA_PSS:
            signed = ["cms", "-verify", "-noverify", "-binary", "-inform", "DER", "-in", "token", "-out", "content"]
            path = ["verify", *NO_OTHERS, "-no_check_time", "-purpose", "timestampsign", "-untrusted", "own", "-CAfile", "roots", "leaf"]
        need(is_good(*signed), "TSP-6: the signature is not good")
        for between, root in paths(leaf, own, roots):
            put_all([leaf, *between], [root])
            if is_good(*path): break
        else: return earliest, latest, False
        for raw, one in itertools.product(lists, [leaf, *between]):
            put("list", raw)
            for by in (by for by in [*between, root] if by.subject == one.issuer):
                put("by", by.pem())
                is_genuine = b"verify OK" in openssl("crl", *NO_OTHERS, "-inform", "DER", "-in", "list", "-noout", "-CAfile", "by").stderr
                need(not is_genuine or stands(raw, one.serial, at), "TSP-10: the certificate was revoked")
    return earliest, latest, True
def stands(raw, serial, at):  # [TSP-10] by what a genuine list says
    lists = [value for tag, value, _ in elements(fields(only(raw, 0x30), 0x30, 0x30, 3)[0][0])[3:] if tag == 0x30]
    for _, entry, _ in elements(lists[0]) if lists else ():
        (_, number, _), (tag, moment, _), *more = elements(entry)
        dates, reason = [x509_time(tag, moment)], None
        for _, extension, _ in elements(more[0][1]) if more else ():
            identifier, _, value = fields(extension, 6, -1, 4)[0]
            if identifier == oid("551d15"): reason = value[2]
            if identifier == oid("551d18"): dates.append(x509_time(*elements(value)[0][:2]))
        if number == serial and (reason not in (0, 3, 4, 5) or at >= min(dates)): return False
    return True
# ------------------------------------------------------------ verification (section 17)
class Plain:  # the tar bytes of a segment, out of (bytes or None, length) for each frame
    def __init__(self, frames): self.frames, self.data, self.left, self.lengths = frames, None, 0, []
    def more(self):
        while not self.left and (frame := next(self.frames, None)):
            self.data, self.left = frame
            self.lengths.append(self.left)
        return self.left > 0
    def take(self, most):  # (how many bytes were passed, these bytes or None)
        parts, passed = [], 0
        while passed < most and self.more():
            size, at = min(most - passed, self.left), len(self.data or b"") - self.left
            parts.append(self.data and self.data[at:at + size])
            passed, self.left = passed + size, self.left - size
        return passed, None if None in parts else b"".join(parts)
State = collections.namedtuple("State", "holder offer has_ended end offset agreed")  # of a copy, in its custody log
class Verifier:
    def __init__(self, path, trusted, fixity, parties=None, receipts=(), log=None, judge=None, roots=()):
        self.path, self.trusted, self.fixity, self.failed, self.valid = path, trusted, fixity, set(), set()
        self.parties, self.receipts, self.log = parties, receipts, log  # `parties`: of each key id, with a trust list
        self.judge, self.roots, self.over, self.signed = judge, roots, {}, {}  # [TSP-12] `signed`: a name, by when
        self.statement = self.seal_digest = self.listed = self.sources = self.opens = self.terms = None
        self.ranges, self.entries, self.foreign, self.members, self.texts, self.untold = [], [], [], {}, {}, {}
    def fail(self, step, text):
        self.failed.add(step)
        if len(self.texts) < 500: self.texts[f"{step}: {text}"] = True
    @contextlib.contextmanager
    def rules(self, step, name):  # a broken rule in the block fails the step
        try: yield
        except Bad as error: self.fail(step, f"{name}: {error}")
    def small(self, name, limit=2 * MIB):  # a small member as a whole; None if it is missing or too long
        member = self.members.get(name)
        return member.read(0, member.length) if member and member.length <= limit else None
    def run(self):
        bundle = Bundle(self.path, self.fail, self.log)
        self.members, self.foreign, self.found = bundle.members, bundle.foreign, bundle.segments
        self.check_statement()
        if self.statement: self.check_list_and_case()
        if self.listed: self.check_members()
        else: self.untold["V-5"] = "without statement and list"
        if self.opens: self.check_content()
        elif self.listed and not self.fixity: self.untold["V-6"] = "STM-3: this reader cannot open the content"
        try:
            if not self.fixity: self.check_custody()
        except OSError as error: self.untold["V-13"] = str(error)
        valid = [key for key in self.valid if self.counts(key, [name for name, by in self.over.items() if by == key])]
        if not self.statement: self.untold["V-12"] = "without a statement"
        elif len(valid) < self.statement["requiredSigners"]["threshold"] and not self.fixity:
            self.fail("V-12", "too few valid signatures by required keys that the user trusts")
    def counts(self, key, envelopes):  # [TSP-12] whether the user trusts a key that signed these
        by = min((self.signed[name] for name in envelopes if name in self.signed), default=None)
        if not self.judge: return key in self.trusted
        signers = self.statement["requiredSigners"]["keys"] if self.statement else []
        return self.judge(key, None if by is None else (EPOCH + datetime.timedelta(seconds=by)).isoformat() + "Z", next(
            (signer for signer in signers if signer["keyid"] == key), None))
    # V-2 to V-5: statement, envelopes, list, case, members
    def read_statement(self, raw, fails=False):  # the predicate if it is well formed, with the digests of list and case
        try:
            need(len(raw) <= MIB, "LIM-1: statement.json")
            found = shaped(parse_json(raw), STATEMENT, "the statement")
            digests = [bytes.fromhex(item["digest"]["sha256"]) for item in found["subject"]]
            return found["predicate"] | dict(zip(("list", "case"), digests))
        except Bad as error: return self.fail("V-2", f"statement.json: {error}") if fails else None
    def check_statement(self):  # [VER-7]
        raw, agreed, other = self.small("statement.json", MIB), False, None
        envelopes = sorted(name for name in self.members if name.startswith("seal/"))
        for payload, key, signature in (envelope_parts(self.small(name)) for name in envelopes if self.trusted):
            if key not in self.trusted or other and payload != raw: continue
            if not is_signed(self.trusted[key], payload, signature): continue
            if payload == raw: agreed = True
            elif self.read_statement(payload): other = payload
        used = other if other and not (agreed and self.read_statement(raw)) else raw
        if used != raw or raw is None: self.fail("V-2", "statement.json is not what a trusted key signed")
        if used is None:
            self.untold["V-3"] = "without a statement"
            if "statement.json" in self.members: self.seal_digest = self.members["statement.json"].hashes()[0].hex()
            return
        self.statement, self.seal_digest = self.read_statement(used, fails=True), sha256(used).hex()
        required = self.statement["requiredSigners"]["keys"] if self.statement else []
        keys = {key["keyid"]: key["spki"] for key in required}
        for key, spki in keys.items():
            if not is_key(spki) or sha256(spki).hex() != key: self.fail("V-2", f"ENV-4: key {key}")
        known = keys | self.trusted
        heads = {key[:16] for key in known}
        for name, (payload, key, signature) in ((name, envelope_parts(self.small(name))) for name in envelopes):  # V-3
            if payload == used: self.over[name] = key
            if payload != used: self.fail("V-3", f"ENV-2: {name} is not an envelope over the statement")
            elif key[:16] != name[5:21] or key not in known and key[:16] in heads:
                self.fail("V-3", f"ENV-3: name of {name}")
            elif key not in known: self.foreign.append(name)
            if payload != used or key not in known: continue
            if is_signed(known[key], used, signature): self.valid |= {key} & set(keys)
            else: self.fail("V-3", f"ENV-4: the signature in {name} is not good")
    def check_list_and_case(self):
        p, case, name = self.statement, self.small("case.json", MIB), "SEALED.sha256"
        if case is None or sha256(case) != p["case"]: self.fail("V-4", "case.json is missing or not the signed one")
        elif p["members"]["case"] == ENCODINGS["case"]:
            with self.rules("V-4", "CASE-1: case.json"):
                found = shaped(parse_json(case), CASE, "case")
                self.sources, data = [source["name"] for source in found["scope"]["sources"]], found.get("personalData", {})
                ids = sorted((condition["id"] for condition in data.get("conditions", ())), key=str.encode)
                states = found.get("cooperation", {})
                states = states and (states["requestedState"], states["requestingState"])
                self.terms = sha256(str(ids).encode()) if ids else None, states if data.get("present") else ()
        most = max(min(p["counts"]["segments"], MAX_SEGMENTS), min(self.found, len(self.members)))
        raw = self.small(name, 305 + 270 * most)  # [LIM-4]
        if raw is None or sha256(raw) != p["list"]:
            self.fail("V-4", f"{name} is missing or not the signed one")
            raw = self.list_anew(raw or b"")
            if raw is None: return
        self.segments = (len(raw) - 305) // 270
        listed = dict(list_lines(raw, self.segments)) if 1 <= self.segments <= MAX_SEGMENTS else {None: None}
        if None in listed.values() or len(raw) != 305 + 270 * self.segments: return self.fail("V-4", "LIST-1: form")
        self.listed = listed
        for name in self.members:
            if PART.fullmatch(name) and name not in listed: self.fail("V-4", f"VER-8: {name} is not in the list")
    def list_anew(self, damaged):  # [LIST-2] out of the members, or up to 10 lines of the damaged list; None if not
        choices, double = [], 0
        for name, line in list_lines(damaged, min(self.statement["counts"]["segments"], MAX_SEGMENTS + 1)):
            digests = [self.members[name].hashes()[0]] if name in self.members else []
            if line and line not in digests: digests.append(line)
            double += len(digests) == 2
            choices.append([b"%b  %b\n" % (digest.hex().encode(), name.encode()) for digest in digests])
            if not digests or double > 10: return None
        texts = map(b"".join, itertools.product(*choices))
        return next((text for text in texts if sha256(text) == self.statement["list"]), None)
    def check_members(self):  # V-5
        p = self.statement["parameters"]
        self.opens = not self.fixity and not self.statement["critical"] and self.statement["members"] == ENCODINGS
        limits = dict.fromkeys(HEAD, MIB) | {"index": MIB + 512 * (p["segmentBytes"] // p["chunkBytes"])}
        self.cause = dict.fromkeys(self.listed, "")  # why a listed member is not good              [LIM-8] [LIM-20]
        for name, digest in self.listed.items():
            member = self.members.get(name, Member(None, 0, 0))
            try: found, crc = member.hashes() if name in self.members else (None, None)
            except OSError as error: self.cause[name], self.untold["V-5"] = "unreadable", f"{name}: {error}"
            else:
                too_long = self.opens and member.length > limits.get(name.split("/")[0], member.length)
                if found != digest or too_long: self.cause[name] = "damaged" if found else "missing"
                if self.cause[name] or member.crc not in (None, crc): self.fail("V-5", name)
            if self.cause[name] and not (self.opens and name.startswith("payload/")): self.lose(name, 0, member.length)
    def lose(self, name, at, length, frame=None, cause=None):  # [VER-11] a range that is damaged or missing
        self.ranges.append(dict(cause=cause or self.cause[name], frame=frame, len=length, member=name, offset=at))
    # V-6 to V-11: index, manifest, payload, sums
    def check_content(self):
        self.p, offset, self.places, self.expected = self.statement["parameters"], 0, [], None
        self.C, self.F, self.S, self.E = (self.p[key] for key in PARAMETERS)
        for s in range(self.segments):  # V-6
            index, payload, good = self.load_index(s), part_names(s)[0], not self.cause[part_names(s)[0]]
            self.places.append(index and index.place)
            stored = sum(frame[0] for frame in index.frames) if index else 0
            length = self.members[payload].length if good else stored
            if index and (index.segment != s or offset not in (None, index.place.tar_offset) or stored != length
                          or good and len(index.chain) != max(1, -(-length // self.C))):
                self.fail("V-6", f"IDX-1, IDX-2, IDX-4: segment {s}: number, tar_offset, stored_len or payload_chain")
            offset = index and index.place.tar_offset + index.place.plain
        self.stream = self.line_stream()
        self.ahead = next(self.stream, (self.segments, None))  # the next line: its segment and entry
        for s in range(self.segments): self.check_segment(s)
        for name, good in zip(HEAD, (lambda raw: raw == MIMETYPE, re.compile(b"[0-9a-f]{64}\n").fullmatch,
                                     lambda raw: sha256(raw).hex() == VERIFY_TXT_SHA256)):  # V-11
            if not self.cause[name] and not good(self.small(name)): self.fail("V-11", f"content of {name}")
        if self.entries and not self.failed and not self.untold: self.fail("V-10", "content is not proven in full")
        for name in self.listed if self.failed - {"V-1", "V-2", "V-3", "V-4", "V-5"} else ():
            if not self.cause[name]: self.same(name, self.members[name].hashes()[0])
    def same(self, name, digest):  # as in the list
        if digest != self.listed[name]: raise RuntimeError(f"{name} changed while it was read")
    def load_index(self, s):  # the index part of a segment, or None if it is lost [VER-9]
        name = part_names(s)[2]
        if self.cause[name]: return None
        raw = self.members[name].read(0, self.members[name].length)
        self.same(name, sha256(raw))
        with self.rules("V-6", name): return Index(raw, self.p)
    def frames(self, name, most, is_text=False):  # the plain bytes of each frame; Bad at one not sound
        member, at, sha, left = self.members[name], 0, hashlib.sha256(), 2 * self.S // self.F + 2
        while at < member.length or is_text and at == 0:
            stored, size = scan_frame(member.read, at, most)
            last, left = at + stored == member.length, left - 1
            need((size == self.F or last) and (size or at == 0) if is_text else left >= 0, "CUT-8, VER-4, IDX-5")
            raw, at = member.read(at, stored), at + stored
            sha.update(raw)
            yield decode_frame(raw, size)
        self.same(name, sha.digest())
    def lines(self, s):  # [VER-9] (line, entry); no entry: passed over, or the part cannot be read on
        name, line, count, whole = part_names(s)[1], bytearray(), 0, False
        with self.rules("V-7", name):
            for text in () if self.cause[name] else self.frames(name, self.F, is_text=True):
                first, *others = text.split(b"\n")
                line += first
                need(len(line) <= 64 * MIB, "LIM-9: a line is too long")
                for start_of_next in others:
                    count, entry = count + 1, None
                    if count > self.E: self.fail("V-8", f"CUT-4: more than E lines in {name}")
                    need(count <= 65536, "CUT-4: too many lines")
                    with self.rules("V-7", f"{name}: line {count}"):
                        if count <= self.E: entry = Entry(bytes(line), self.p)
                    yield bytes(line), entry
                    line = bytearray(start_of_next)
            need(not line, "MAN-1: no LF at the end")
            whole = not self.cause[name]
        if not whole and (count or not self.places[s] or self.places[s].lines): yield b"", None
    def line_stream(self):  # V-7: (segment, entry) for each line, checked on the way; root, counts, sums
        stated, root, complete, before, sums, length = self.statement["counts"], Tree(), True, None, hashlib.sha256(), 0
        found = collections.Counter(segments=self.segments, tarBytes=1024)
        self.targets, self.tops, self.in_root = {}, {}, False
        for s in range(self.segments):
            count, whole = 0, True
            for raw, entry in self.lines(s):
                complete, whole, count = complete and entry is not None, whole and entry is not None, count + 1
                if entry:
                    root.add(raw)
                    self.check_order(entry, before, root.leaves - 1 if complete else entry.n)
                    found.update(entries=1, tarBytes=entry.length, changed="changed_while_reading" in entry.fields,
                                 unreadable="unreadable" in entry.fields, bytes=entry.content, files=entry.own)
                    if entry.own: found.update(gaps=len(entry.gaps), gapBytes=sum(b - a for a, b in entry.gaps))
                    line = sums_line(entry.path, entry.sha256) if entry.sha256 and complete else b""
                    sums.update(line)
                    length, wanted = length + len(line), self.targets.get(sha256(entry.fields.get("hard_link", b"")))
                    if entry.hard and entry.repeated != wanted and (wanted or complete): self.fail("V-10", "MAN-5")
                before = entry
                yield s, entry
            if whole and self.places[s] and self.places[s].lines != count: self.fail("V-7", f"IDX-1: lines of part {s}")
        if complete and root.head().hex() != self.statement["root"]: self.fail("V-7", "root")
        if complete and any(found[key] != stated[key] for key in stated): self.fail("V-7", f"counts: {dict(found)}")
        if self.sources is None or not complete: self.untold["V-7"] = "CASE-2: without signed case, or whole manifest"
        elif list(map(sha256, self.sources)) != list(self.tops): self.fail("V-7", "CASE-2: other top-level entries")
        with self.rules("V-11", SUMS):  # the sums begin with the text that is known, or are it
            sha = hashlib.sha256()
            for text in () if self.cause[SUMS] else self.frames(SUMS, self.F, is_text=True):
                sha.update(text[:max(length, 0)])
                length -= len(text)
            good = sha.digest() == sums.digest() and (length == 0 or length < 0 and not complete)
            need(good or self.cause[SUMS], "SUM-1: not those of the manifest")
    def check_order(self, entry, before, n):  # [ORD-1] [ORD-2] against the entry before, if that is known
        path, last = entry.path.split(b"/"), before.path.split(b"/") if before and before.path != b"." else []
        parent, top = len(path) - 1, len(path) == 1 and not self.in_root
        digest = sha256(entry.path)  # instead of the path, which can be long
        extra = top and (digest in self.tops or len(self.tops) == 65536)  # [LIM-18]
        if top and not extra: self.tops[digest] = True
        if "nlink" in entry.fields and not entry.hard: self.targets[digest] = entry.repeated
        below = top or len(last) != parent or not before or before.fields["kind"] == "dir"
        ascends = top or len(last) <= parent or last[parent] < path[parent]
        follows = last[:parent] == path[:parent] and below and ascends
        if extra or entry.n != n or (entry.n != before.n + 1 or not follows if before else entry.n == 0 and parent):
            self.fail("V-7", f"MAN-1, ORD-1, ORD-2, LIM-18: order or number of entry {entry.n}")
        if entry.in_tar and entry.xattrs_wrong: self.fail("V-7", f"TAR-6: xattrs_not_in_tar of entry {entry.n}")
        self.in_root = self.in_root or entry.path == b"."
    def check_segment(self, s):
        name, index = part_names(s)[0], self.load_index(s)
        member, good = self.members.get(name), not self.cause[name]
        if not index and not good: self.lose(name, 0, member.length if member else 0)
        plain = Plain(self.table_frames(name, index) if index else self.loose_frames(name) if good else iter(()))
        self.follow(s, index, plain, self.begins(s) if index or good else None)
        while plain.more(): plain.left = 0  # what is not followed is still decoded
        if index and good and len(index.chain) == max(1, -(-member.length // self.C)):
            sha = hashlib.sha256()
            for i, value in enumerate(index.chain):
                if not is_chain_value(value, sha, i * self.C): self.fail("V-10", f"CHN-1: {name}: interval {i}")
                sha.update(member.read(i * self.C, self.C))
    def table_frames(self, name, index):  # V-8 [VER-11] (b) (plain bytes or None, length) for each frame
        member, at, most = self.members.get(name), 0, ((self.F + 4 * MIB) * 9 >> 3) + 65536  # [LIM-16]
        for i, (stored, length, digest) in enumerate(index.frames):
            cause, data = "undecodable", None
            try:
                if member is None or member.length < at + stored: cause = "missing"
                elif member.hashes(at, at + stored)[0] != digest: cause = "damaged"
                elif stored <= most:
                    raw = member.read(at, stored)
                    size, plain = scan_frame(lambda at, size: raw[at:at + size], 0, self.F + 4 * MIB)
                    data = decode_frame(raw, plain) if size == stored else None
            except Bad: pass
            except OSError as error: cause, self.untold["V-8"] = "unreadable", f"{name}: {error}"
            if data is None: self.lose(name, at, stored, i, cause)
            if cause != "unreadable" and (data is None or len(data) != length): self.fail("V-8", f"{name}: {i}")
            yield data, length if data is None else len(data)
            at += stored
        if member and self.cause[name] and member.length > at: self.lose(name, at, member.length - at)
    def loose_frames(self, name):  # [VER-4] those of a payload member without index part
        with self.rules("V-8", name): yield from ((data, len(data)) for data in self.frames(name, self.F + 4 * MIB))
    def begins(self, s):  # [VER-4] [VER-10] (entry, skip) with which a segment begins, or None
        here, counts, first, last, length = self.places[s], self.statement["counts"], None, None, 0
        if here or s == 0: return (here.first_entry, here.skip) if here else (0, 0)
        for _, entry in self.lines(s):
            if entry is None: return None
            first, last, length = first or entry, entry, length + entry.length
        if first and first.content < self.F: return first.n, 0
        earlier, later = (self.places + [Place(counts["tarBytes"] - 1024, 0, counts["entries"], 0, 0)])[s - 1:s + 2:2]
        if not earlier or not later or last and last.n + 1 != later.first_entry: return None
        skip = earlier.tar_offset + earlier.plain - (later.tar_offset - later.skip - length)
        return first.n if first else later.first_entry, skip
    def follow(self, s, index, plain, start):  # V-8 [VER-10] `n` is the entry, `at` the place in its record
        cuts, on, first, (n, at) = Cuts(self.p), start is not None, True, start or (0, 0)
        if start and self.expected not in (None, start): self.fail("V-6", f"IDX-1: segment {s} begins with {start}")
        while self.ahead[0] == s:
            entry, on = self.ahead[1], on and self.ahead[1] is not None
            if on:
                if first and entry.n != n: self.fail("V-6", f"IDX-1: first_entry of segment {s} is not the first line")
                at = self.follow_entry(entry, at, plain, cuts, index)
                if at is not None and at < entry.length: self.fail("V-9", f"the tar ends within entry {entry.n}")
                on, n, at, cuts.lines = at == entry.length, entry.n + 1, 0, cuts.lines + 1
            if entry: self.close_entry(entry)
            first, self.ahead = False, next(self.stream, (self.segments, None))
        t, entry = self.ahead
        if on and s == self.segments - 1:
            wrong = cuts.ends_before(1024) or first and (n, at) != (self.statement["counts"]["entries"], 0)
            if wrong: self.fail("V-6" if first else "V-8", "IDX-1, CUT-4: the end marker should be elsewhere")
            cuts.add(1024, True)
            if self.compare(plain, bytes(1024), "end marker") < 1024 or plain.more(): self.fail("V-9", "end of the tar")
        elif on and (t == self.segments or entry and entry.n == n):
            if entry and plain.more(): at = self.follow_entry(entry, at, plain, cuts, index)
            on = at is not None
            unit = entry.unit(at, self.F) if entry and on else 1024
            if on and (at and not unit or not cuts.ends_before(unit, entry, entry and not at)):
                self.fail("V-8", "CUT-4")
            if on and plain.more(): self.fail("V-9", f"segment {s} has more bytes than the manifest tells")
        else: on = False
        self.expected = (n, at) if on else None
        if on and index and index.items: self.fail("V-6", f"IDX-2: segment {s} has a needless item")
        if on and cuts.frames != plain.lengths: self.fail("V-8", f"CUT-5: sizes of the frames of segment {s}")
    def compare(self, plain, expected, what):  # V-9: the number of the next tar bytes that were there
        size, data = plain.take(len(expected))
        if data is not None and data != expected[:size]: self.fail("V-9", f"the tar differs from the manifest: {what}")
        return size
    def follow_entry(self, entry, at, plain, cuts, index):  # from `at` on: where it ends in this segment, or None
        head, item, start, name = len(entry.header), None, max(at - len(entry.header), 0), f"entry {entry.n}"
        if not entry.in_tar:
            if cuts.ends_before(0, entry): self.fail("V-8", f"CUT-4: segment of {name}")
            return None if at else 0
        if not entry.unit(at, self.F): return self.fail("V-6", f"IDX-1: no unit of {name} begins at {at}")
        while at < entry.length and plain.more():
            unit = entry.unit(at, self.F)
            end, stop = at + unit, min(at + unit, head + entry.content)
            if cuts.ends_before(unit, entry, at == 0): self.fail("V-8", f"CUT-4: segment of {name}")
            cuts.add(unit)
            if at == 0: at += self.compare(plain, entry.header, f"header of {name}")
            while head <= at < stop and plain.more():
                if entry.chunks_root and item is None: item = self.take_item(entry, start, index)
                size, data = plain.take(min(self.C - (at - head) % self.C, stop - at))
                self.check_chunk(entry, item, at - head, size, data, (at - head) // self.C - start // self.C)
                at += size
            if at >= stop: at += self.compare(plain, bytes(end - at), f"padding of {name}")
            if at < end: self.fail("V-8", f"the frames end within {name}")
        passed = min(max(at - head, 0), entry.content)
        if item and len(item.digests) != -(-passed // self.C) - start // self.C: self.fail("V-6", f"IDX-1: {name}")
        if entry.own and entry.sha256 and entry.hashed == passed == entry.size:
            if entry.sha.digest() != entry.sha256: self.fail("V-10", f"sha256 of {name}")
            elif not item and start == 0: entry.proven.append((0, entry.size))  # [VER-12] (a) (c)
        return at
    def take_item(self, entry, start, index):  # V-6 [VER-12] (b) the item of `files`, or False
        if not index or not index.items or index.items[0].entry != entry.n:
            return bool(index and self.fail("V-6", f"IDX-2: files has no item for entry {entry.n} in its place"))
        item, tree = index.items.popleft(), entry.tree
        if item.first_chunk != start // self.C or len(item.chain) != (len(item.digests) if entry.sha256 else 0) or (
                entry.blind not in (None, item.blind)): self.fail("V-6", f"IDX-1, IDX-4: item of entry {entry.n}")
        entry.blind = item.blind
        for i, digest in enumerate(item.digests, item.first_chunk) if tree.leaves == item.first_chunk else ():
            tree.add(hmac.digest(item.blind, struct.pack("<Q", i), "sha256")[:16] + digest)  # [CHK-1]
        return item
    def check_chunk(self, entry, item, at, size, data, i):  # V-9, V-10: a chunk, or content of less, the i-th here
        if at == 0: entry.sha, entry.hashed = hashlib.sha256(), 0
        if item and i < len(item.chain) and entry.hashed == at and not is_chain_value(item.chain[i], entry.sha, at):
            self.fail("V-10", f"CHN-1: chain value of entry {entry.n} at {at}")
        if data is None: return
        for kind in entry.holes, entry.gaps:
            first = bisect.bisect_right(kind, at, key=lambda region: region[1])
            for a, b in itertools.takewhile(lambda region: region[0] < at + size, itertools.islice(kind, first, None)):
                if data[max(a - at, 0):b - at].strip(b"\0"): self.fail("V-9", f"entry {entry.n}: hole or gap not zeros")
        if entry.hashed == at:
            entry.sha.update(data)
            entry.hashed += size
        if not item or (at + size) % self.C and at + size != entry.size: return
        if i < len(item.digests) and sha256(data) == item.digests[i]: entry.proven.append((at, at + size))
        else: self.fail("V-10", f"the chunk of entry {entry.n} at {at}")
    def close_entry(self, entry):  # V-10 [VER-12] the line of the entry was met: chunks_root, and what is not proven
        lost, name = entry.lost() if entry.own else [], entry.path.decode("utf-8", "replace")
        whole_tree = entry.tree.leaves == -(-entry.size // self.C)
        if entry.chunks_root and whole_tree and entry.tree.head() != entry.chunks_root: self.fail("V-10", "CHK-1")
        proven = entry.size - sum(b - a for a, b in lost)
        found = {"lost": lost, "path": name, "size": entry.size, "proven_bytes": proven}
        if name.encode() != entry.path: found["path_b64"] = base64.b64encode(entry.path).decode()
        if lost: self.entries.append(found)
    # V-15: time-stamps
    def check_times(self, events):
        names, stamps = sorted(name for name in self.members if name.startswith("timestamps/")), {}
        files = {name: self.members[name].hashes()[0].hex() for name in self.members
                 if name.startswith(("seal/", "custody/")) and names}
        by_digits = {digest[:16]: name for name, digest in files.items()}
        for i, name in enumerate(names):
            with self.rules("V-15", name):
                raw, over = self.small(name), by_digits.get(name[11:27])
                need(i < 10_000 and raw is not None, "LIM-2, LIM-27")
                need(over and name == f"timestamps/{files[over][:16]}-{sha256(raw).hex()[:8]}.tsr", "TSP-1: name")
                try: earliest, latest, is_trusted = read_stamp(raw, self.small(over), self.roots)
                except (ValueError, IndexError, TypeError) as error: raise Bad(f"TSP-2: {error}") from error
                if is_trusted: stamps[name] = over, earliest, latest
        if names and not stamps: self.untold["V-15"] = "TSP-9: no time-stamp by an authority that the user trusts"
        if stamps: self.check_intervals(events, stamps)
    def check_intervals(self, events, stamps):  # [TSP-11] [TSP-12]
        for over, _, latest in stamps.values(): self.signed[over] = min(self.signed.get(over, LAST_SECOND), latest)
        by_digest, by_name = {e.digest: e for e in events}, {e.name: e for e in events}
        commits = {e.digest: [other for other in [by_digest.get(e.after[1]) if e.after[0] == "event" else None] + [
            by_name.get(name) for name in e.members] if other] for e in events}
        order, seen = [], set()  # each after those that it commits to
        for event in events:
            path = [(event, iter(commits[event.digest]))] if event.digest not in seen else []
            seen.add(event.digest)
            while path:
                other = next((other for other in path[-1][1] if other.digest not in seen), None)
                if other:
                    seen.add(other.digest)
                    path.append((other, iter(commits[other.digest])))
                else: order.append(path.pop()[0])
        listed = {e.digest: max((stamps[name][1] for name in e.members if name in stamps), default=0) for e in events}
        start, end = dict(listed), {e.digest: self.signed.get(e.name, NEVER) for e in events}
        for e in order: start[e.digest] = max([listed[e.digest], *(start[other.digest] for other in commits[e.digest])])
        for e in reversed(order):
            for other in commits[e.digest]: end[other.digest] = min(end[other.digest], end[e.digest])
            for name in e.members if end[e.digest] < NEVER else ():
                self.signed[name] = min(self.signed.get(name, NEVER), end[e.digest])
        for e in events:
            if listed[e.digest] > end[e.digest]: self.fail("V-15", f"TSP-11: {e.name}: time-stamps contradict each other")
            self.check_recorded(e.name, e.end, e.offset, start[e.digest], end[e.digest])
        sealed = [self.signed[name] for name in self.over if name in self.signed] + [
            end[e.digest] for e in events if e.after == ("statement.json", self.seal_digest)]
        if self.statement:
            moment = datetime.datetime.fromisoformat(self.statement["acquisition"]["end"][:-1])
            self.check_recorded("statement.json", moment, self.statement["clock"].get("offsetMs", 0), 0, min(sealed, default=NEVER))
    def check_recorded(self, name, moment, offset, start, end):
        at, allowed = (moment - EPOCH).total_seconds(), -(-abs(offset) // 1000)
        if not start - allowed <= at <= end + allowed: self.fail("V-15", f"TSP-11: {name}: recorded time")
    # V-13, V-14: the custody log
    def check_custody(self):
        events, listed, digests = [], 0, {}
        for name in sorted(name for name in self.members if name.startswith("custody/")):
            with self.rules("V-13", name):
                event = read_event(self.small(name))
                listed += len(event.members)
                if listed > 1_000_000: self.fail("V-13", f"LIM-21: members of {name}")
                for key, digest in ((i["name"], i["sha256"]) for i in event.members if listed <= 1_000_000):  # [EVT-4]
                    if key not in digests and key in self.members: digests[key] = self.members[key].hashes()[0].hex()
                    if digests.get(key) != digest: self.fail("V-13", f"EVT-4: {name}: {key} is not there, or another")
                need(event.is_signed, "ENV-4: the signature is not good")
                there = [i["name"] for i in event.members if listed <= 1_000_000 and digests.get(i["name"]) == i["sha256"]]
                events.append(event._replace(name=name, members=there))
        self.check_times(events)
        for event in events:
            if not self.counts(event.key, [event.name]): self.fail("V-14", f"{event.name} is not signed by a trusted key")
            if event.critical: self.untold["V-13"] = f"EVT-1: {event.name}: an unknown key in critical"
        if self.statement: self.follow_log(events)
        elif events or self.receipts: self.untold["V-13"] = "without a statement"
    def follow_log(self, events):
        required, begin = self.statement["requiredSigners"]["keys"], ("statement.json", self.seal_digest)
        original, digests = self.statement["bundleId"], {event.digest for event in events}
        copies = collections.Counter([original, *(event.copy for event in events if event.copy)])
        for copy in (copy for copy, number in copies.items() if number > 1): self.fail("V-13", f"EVT-5: {copy} twice")
        followers = collections.defaultdict(list)
        for event in events:
            followers[event.after].append(event)
            if event.after != begin and (event.after[0] != "event" or event.after[1] not in digests):
                self.fail("V-13", f"CUS-1: {event.name}: what it follows is not there")
        end = datetime.datetime.fromisoformat(self.statement["acquisition"]["end"][:-1])
        state = State([{"keyid": key["keyid"]} for key in required], None, False, end,
                      self.statement["clock"].get("offsetMs", 0), None)
        todo = [(begin, 1, {original: state})]  # (what events follow, their number, the states of copies by their ids)
        while todo:
            place, number, states = todo.pop()
            here, before = sorted(followers.pop(place, ()), key=lambda e: (e.branch, e.end, e.digest)), None
            for event in here:
                if event.branch == before: self.fail("V-13", f"CUS-2: {event.name} is not alone in its place")
                if event.branch not in states: self.fail("V-13", f"CUS-1: {event.name}: branch")
                if event.name != f"custody/{number:04}-{event.kind.replace('_', '-')}-{event.digest[:8]}.dsse.json":
                    self.fail("V-13", f"EVT-2: {event.name}")
                state, before = states.get(event.branch) or next(iter(states.values())), event.branch
                todo.append((("event", event.digest), number + 1, self.act(event, state)))
        for receipt in self.receipts:  # [CUS-6]
            proven = receipt.is_signed and receipt.key in self.trusted and receipt.seal in (None, self.seal_digest)
            text = f"CUS-6: the receipt of event {receipt.digest}, which is not there"
            if receipt.digest not in digests and proven: self.fail("V-13", text)
            elif receipt.digest not in digests: self.untold["V-13"] = text
    def act(self, event, state):  # [CUS-3] [CUS-4] [CUS-5] the states after the event
        kind, closes = event.kind, event.kind in ("accepted", "refused", "offer_withdrawn")
        holder, offer, late = state.holder, state.offer, (state.end - event.start).total_seconds()
        if late > -(-(abs(state.offset) + abs(event.offset)) // 1000): self.fail("V-13", f"CUS-5: {event.name}")
        if state.has_ended and kind != "noted" or closes and not offer or kind == "offered" and offer:
            self.fail("V-13", f"CUS-4: {event.name}")
        if kind not in ("noted", "conditions_accepted", *ONWARD[1:]) and (offer or not closes):
            acts = self.acts_for(event.key, [offer] if kind in ("accepted", "refused") else holder)
            if acts is None: self.untold["V-13"] = f"CUS-3: {event.name}: for whom the key acts, without a trust list"
            elif not acts: self.fail("V-13", f"CUS-3: {event.name} is not an act of this key")
        agreed, release = state.agreed, kind in ("accepted", "sent", "disclosed")
        if self.terms: self.check_release(event, state, release)
        elif event.to or event.accepts or release: self.untold["V-13"] = f"CUS-7, CUS-8: {event.name}: without a case"
        accepted, number, last = agreed or (frozenset(), 0, None)  # who accepted, how many agreements, the last of them
        if event.accepts and event.key not in accepted or kind in ONWARD:
            if number == 1000: self.fail("V-13", f"LIM-25: {event.name}")
            else: agreed = (accepted | {event.key} if event.accepts else accepted, number + 1,
                            last if event.accepts else (event, last))
        if kind == "accepted": holder = [offer or {"keyid": event.key}]
        after = State(holder, None if closes else event.to if kind == "offered" else offer, state.has_ended or kind in (
            "returned", "destroyed"), event.end, event.offset, agreed)
        new = {event.copy: after._replace(offer=event.to, has_ended=False)} if kind == "copied" else {}
        return {event.branch: after} | new
    def check_release(self, event, state, is_release):  # [CUS-7] [CUS-8]
        conditions, states = self.terms
        (earlier, _, last), asked, name = state.agreed or ((), 0, None), None, event.name
        if event.accepts and event.accepts != conditions: self.fail("V-13", f"CUS-7: {name}: other conditions")
        while last and event.to and not asked:
            before, last = last
            if self.are_one(before.to, event.to): asked = before.kind
        if conditions and is_release and not event.accepts:
            to = (state.offer or {"keyid": event.key}) if event.kind == "accepted" else event.to
            acts = {to and self.acts_for(key, [to]) for key in earlier}
            if not to or None in acts and True not in acts: self.untold["V-13"] = f"CUS-7: {name}: who gets it"
            elif True not in acts: self.fail("V-13", f"CUS-7: {name}: the conditions are not accepted")
        if event.kind in ONWARD[1:]:
            office = self.offices.get((self.parties or {}).get(event.key))
            if asked != ONWARD[0] and (asked, event.kind) != ONWARD[1:]: self.fail("V-13", f"CUS-8: {name}: not asked")
            elif states and office is None: self.untold["V-13"] = f"CUS-8: {name}: whose act"
            elif states and office != (states[0], "central_authority"):
                self.fail("V-13", f"CUS-8: {name} is not an act of the original State")
        elif states and event.kind not in (ONWARD[0], "exculpatory_notified") and asked != ONWARD[1]:
            country = event.to and self.offices.get(self.party(event.to), (None,))[0]
            if country is None and (event.to or event.kind in ("sent", "disclosed")):
                self.untold["V-13"] = f"CUS-8: {name}: of which State is who gets it"
            elif country and country not in states: self.fail("V-13", f"CUS-8: {name}: not authorised")
    def party(self, who): return who.get("party") or (self.parties or {}).get(who["keyid"])
    def are_one(self, a, b): return a == b or self.party(a) is not None and self.party(a) == self.party(b)
    def acts_for(self, key, them):  # [CUS-3] None if that cannot be told
        parties = self.parties or {}
        mine = parties.get(key, "")  # no party has this name
        if any(key == who.get("keyid") or mine and mine in (who.get("party"), parties.get(who.get("keyid")))
               for who in them): return True
        return None if self.parties is None else False
def sums_line(path, digest):  # [SUM-1]
    name = path.replace(b"\\", b"\\\\").replace(b"\n", b"\\n").replace(b"\r", b"\\r")
    return b"\\" * (name != path) + digest.hex().encode() + b"  " + (b"./-" if path == b"-" else name) + b"\n"
# ------------------------------------------------------------ verdict and report (VER-1, section 20)
def is_bundle(path):
    if os.path.isdir(path): return any(os.path.isfile(os.path.join(path, name)) for name in HEAD[:1] + TAIL[2:])
    if not stat.S_ISREG(os.stat(path).st_mode): return False
    with open(path, "rb") as file:
        start, size = file.read(54), file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 65557))
        return start[:4] == b"PK\3\4" or start[38:] == MIMETYPE[:16] or b"PK\5\6" in file.read(65557)
def read_signers(paths): return {sha256(spki).hex(): spki for spki in map(read_signer, paths)}  # by key id
def verify(path, signers, fixity=False, strict=False, receipts=(), log=None, trust=None, time_roots=()):
    # [CONF-3] the report; `signers`, `receipts` are names of files, `trust` are the arguments of read_trust
    keys, parties, has_expired, offices, judge, roots = read_trust(*trust) if trust else (
        read_signers(signers), None, False, {}, None, [])
    roots = [root for path in time_roots for root in read_roots(path)] + roots
    v, steps = Verifier(path, keys, fixity, parties, [*map(read_receipt, receipts)], log, judge, roots), [
        f"V-{i}" for i in range(1, 16)]
    v.offices, unforeseen, bundle = offices, False, True
    try:
        bundle = is_bundle(path)
        if bundle and has_expired and not fixity: v.fail("V-14", "TRU-4: the trust list has expired")
        if bundle: v.run()
    except Exception as error:  # what could not be read, and what this program does not foresee
        unforeseen = not isinstance(error, OSError)
        v.untold = {step: f"{type(error).__name__}: {error}" for step in steps} | v.untold
    is_there = {name.split("/")[0] for name in v.members} | ({"custody"} if receipts else set())
    looked = {"seal", "content"} | (set() if fixity else {"trust"} | {
        area for area, name in (("custody", "custody"), ("time", "timestamps")) if name in is_there})
    areas = {area: "failed" if v.failed & own else "not checked" if area not in looked else
             "cannot be told" if v.untold.keys() & own else "passed" for area, own in (
                 ("seal", set(steps[:4])), ("content", set(steps[4:11])), ("trust", {"V-12", "V-14"}),
                 ("custody", {"V-13"}), ("time", {"V-15"}))}
    counts, wrong = v.statement["counts"] if v.statement else {}, v.failed - {"V-12", "V-14"}
    recorded = {key: counts.get(key) for key in ("gaps", "gapBytes", "unreadable", "changed")}  # [VER-3]
    verdict, code = ((None, 3) if not bundle else ("could not check", 2) if unforeseen or v.untold.keys() - {"V-15"} and not wrong else
                     ("refuted", 1) if wrong else ("fixity ok", 0) if fixity else
                     ("intact, not trusted", 4) if v.failed else  # [VER-1]
                     ("incomplete", 1) if strict and any(recorded.values()) else ("verified", 0))
    return {"level": 3, "verdict": verdict, "exit": code, "seal_digest": v.seal_digest,
            "areas": areas if bundle else None, "failed": sorted(v.failed, key=steps.index), "recorded": recorded,
            "damage": {"entries": v.entries, "ranges": v.ranges}, "findings": list(v.texts), "cannot_be_told": v.untold,
            "foreign": v.foreign}
def main(arguments):
    given = {key: [] for key in (
        "--signer", "--receipt", "--trust-root", "--timestamp-root", "--trust", "--trust-state", "--at", "--log")}
    flags, paths, rest = [], [], iter(arguments)
    for argument in rest:
        if argument in given: given[argument].append(next(rest, ""))
        else: (flags if argument in ("--fixity", "--strict", "--json") else paths).append(argument)
    signers, receipts, roots, time_roots, *once = given.values()
    trust, state, at, log = ((values + [None])[0] for values in once)
    try:
        apart = (roots or state or at is not None) if trust is None else signers or not roots
        if len(paths) != 1 or paths[0].startswith("--") or apart or any(len(values) > 1 for values in once):
            raise ValueError("usage:" + __doc__.split("\n\n")[-1].rstrip())
        if at is None: at = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        try: at = shaped(at + "T00:00:00Z" * ("T" not in at), instant, "--at")
        except Bad as error: raise ValueError(f"--at: {error}") from error
        if trust is not None: trust = trust, read_signers(roots), state, at
        result = verify(paths[0], signers, "--fixity" in flags, "--strict" in flags, receipts, log, trust, time_roots)
    except (ValueError, OSError, NotBelieved) as error:  # [TRU-3] [VER-1]
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 4 if isinstance(error, NotBelieved) else 3 if isinstance(error, ValueError) else 2
    if "--json" in flags: return print(json.dumps(result, indent=1, sort_keys=True)) or result["exit"]
    print(f"{result['verdict'] or 'this is not a bundle'}; seal digest {result['seal_digest']}; {result['areas']}")
    for item in result["findings"] + list(result["cannot_be_told"].values()): print("  " + ascii(item))
    for item in result["damage"]["ranges"] + result["damage"]["entries"]: print("  damage:", ascii(item))
    return result["exit"]
if __name__ == "__main__": sys.exit(main(sys.argv[1:]))
