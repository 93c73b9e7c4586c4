#!/usr/bin/env python3
"""Verifies scelle bundles, version 1, at level 1: seal, content, and trust in keys that the user names.

A second, independent program, written from the specification alone. Rule ids such as [ZIP-6] are those of the
specification. It needs Python 3.11, `openssl` 3.0 (signatures) and `zstd` 1.5 (decompression), nothing else.
Everything in a bundle is taken for hostile: lengths are bounded before memory is used, bytes are hashed before they
are decoded, and no more than a frame, a line or an index part is held at a time.

    scelle_verify.py [--signer KEY.pem]... [--fixity] [--strict] [--json] BUNDLE
"""
import base64, binascii, bisect, calendar, contextlib, ctypes, hashlib, hmac, io, json, os, re, stat, struct
import subprocess, sys, tempfile, zlib

MIB, M16, M32, MAX_SEGMENTS, MAX_GROWN = 1 << 20, 0xffff, 0xffffffff, 1_000_000, 100_000           # [LIM-5] [LIM-6]
MIMETYPE = b"application/vnd.scelle.bundle+zip"
VERIFY_TXT_SHA256 = "c4e48e51a3227423574550409250a72436aefb4dae7662b70285d04f673d8400"                 # Appendix A
ENCODINGS = {"case": "json", "index": "bincode", "list": "sha256sums", "manifest": "jsonl+zstd",
             "payload": "tar+zstd", "sums": "sha256sums+zstd"}
ENVIRONMENT = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
SEALED_PART = re.compile(r"(?:payload/([0-9]{8})\.tar\.zst|manifest/([0-9]{8})\.jsonl\.zst|index/([0-9]{8})\.bin)")
GROWN = re.compile(r"seal/[0-9a-f]{16}\.dsse\.json|timestamps/[a-z0-9-][a-z0-9.-]{0,63}\.tsr"
                   r"|custody/[a-z0-9-][a-z0-9.-]{0,63}\.dsse\.json")                                   # [MEM-3]
HEAD, TAIL = ("mimetype", "nonce", "VERIFY.txt"), ("case.json", "SEALED.sha256", "statement.json")
FOREIGN = re.compile(r"\.DS_Store|Thumbs\.db|desktop\.ini|\._.*", re.S)                                 # [DIR-2]

class Bad(Exception):
    """What was read breaks a rule; the text says which."""

def need(condition, text):
    if not condition: raise Bad(text)

def sha256(data):
    return hashlib.sha256(data).digest()

# ---------------------------------------------------------------------- JSON (section 1)

def plain_json(raw):
    """The value of JSON that is byte for byte the RFC 8785 form of itself. [JSON-1] to [JSON-4], [LIM-17]"""
    def number(text):
        need(len(text) < 18 and abs(int(text)) < 1 << 53, "JSON-1: number too large")
        return int(text)

    def refuse(text):
        raise Bad("JSON-1: not an integer")

    def pairs(items):
        value = dict(items)
        need(len(value) == len(items), "JSON-3: duplicate key")
        need(all(key.isascii() for key in value), "JSON-2: key is not ASCII")
        return value
    if len(raw) > MIB:      # what the limits on arrays allow is far below this; a hostile line could cost gigabytes
        bare = re.sub(rb'"(?:[^"\\]|\\.)*+"', b"", raw)
        need(sum(map(bare.count, (b",", b"[", b"{"))) < 1 << 22, "LIM-13: too many values")
    try:
        value = json.loads(raw.decode("utf-8"), parse_int=number, parse_float=refuse, parse_constant=refuse,
                           object_pairs_hook=pairs)
        again = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode("utf-8")
    except (ValueError, RecursionError) as error: raise Bad("JSON-3: not JSON in UTF-8") from error
    need(again == raw, "JSON-3: not the RFC 8785 form")
    return value

def nested_within(value, levels):
    inner = value.values() if type(value) is dict else value if type(value) is list else None
    return inner is None or levels > 0 and all(nested_within(item, levels - 1) for item in inner)

def fields(value, spec):
    """An object of exactly these keys: `key*` is required, `key/` is a byte string that may stand as `key_b64`."""
    need(type(value) is dict, "not an object")
    found, used = {}, 0
    for key, name, check in spec if type(spec) is list else prepared(spec):
        if name in value or (key[-1] == "/" and name + "_b64" in value):
            used, item = used + 1, byte_string(value, name) if key[-1] == "/" else value[name]
            found[name] = check(item)
            need(found[name] is not None, f"{name} is wrong")
        else: need("*" not in key, f"{name} is missing")
    need(used == len(value), "JSON-3: a key that the specification does not name")
    return found

def prepared(spec):
    return [(key, key.rstrip("*/"), check) for key, check in spec.items()]

def from_base64(text):
    need(type(text) is str and re.fullmatch("[A-Za-z0-9+/]*={0,2}", text), "not base64")
    try: raw = binascii.a2b_base64(text)
    except ValueError as error: raise Bad("not base64") from error
    need(binascii.b2a_base64(raw, newline=False).decode() == text, "base64 is not canonical")
    return raw

def byte_string(value, name):
    """[JSON-5]"""
    if name in value:
        need(type(value[name]) is str and name + "_b64" not in value, f"JSON-5: {name}")
        return value[name].encode("utf-8")
    raw = from_base64(value[name + "_b64"])
    try: raw.decode("utf-8")
    except UnicodeDecodeError: return raw
    raise Bad(f"JSON-5: {name}_b64 for UTF-8")

# A check gives the value (or what it means), or None if it is wrong.
def when(condition, value):
    return value if condition else None

def match(pattern):
    pattern = re.compile(pattern)
    return lambda v: when(type(v) is str and pattern.fullmatch(v), v)

def number(least=0, most=(1 << 53) - 1):
    return lambda v: when(type(v) is int and least <= v <= most, v)

def array(check, most=1 << 53, least=0):
    def checked(v):
        need(type(v) is list and least <= len(v) <= most, "not an array, or one too long or too short")
        items = [check(item) for item in v]
        return when(all(item is not None for item in items), items)
    return checked

def exactly(wanted):
    return lambda v: when(type(v) is type(wanted) and v == wanted, v)

def object_of(spec, then=lambda found: True):
    spec = prepared(spec)

    def checked(v):
        found = fields(v, spec)
        return when(then(found), found)
    return checked

def any_text(v): return when(type(v) is str, v)
def any_bytes(v): return v
def boolean(v): return when(type(v) is bool, v)
def any_object(v): return when(type(v) is dict, v)
def case_text(v): return when(type(v) is str and 1 <= len(v.encode()) <= 16384, v)                      # [CASE-1]
def case_path(v): return when(v, v)
def path_bytes(v): return when(v and len(v) <= MIB and b"\0" not in v, v)                                # [LIM-10]

def instant(v):
    """[TIME-2]"""
    if type(v) is str and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", v):
        year, month, day, hour, minute, second = (int(part) for part in re.findall("[0-9]+", v))
        if year >= 1970 and 1 <= month <= 12 and hour < 24 and minute < 60 and second < 60:
            return when(1 <= day <= calendar.monthrange(year, month)[1], v)

def line_time(v):
    """[TIME-1]"""
    if type(v) is str and re.fullmatch(r"-?(?:0|[1-9][0-9]{0,18})\.[0-9]{9}", v) and v != "-0.000000000":
        whole, fraction = v.lstrip("-").split(".")
        whole = int(whole) if v[0] != "-" else -int(whole) - (int(fraction) > 0)
        return when(-1 << 62 <= whole <= 1 << 62, v)

HEX64, HEX32, U32, COUNT = match("[0-9a-f]{64}"), match("[0-9a-f]{32}"), number(0, M32), number()

# ---------------------------------------------------------------------- SHA-256 chain values and trees (section 14)

def load_sha256_blocks():
    """A function (chain value, whole blocks) -> chain value: that of libcrypto, or a slow one in Python."""
    def primes(count):
        found = []
        while len(found) < count:
            n = found[-1] + 1 if found else 2
            while any(n % p == 0 for p in found): n += 1
            found.append(n)
        return found
    K = [int(p ** (1 / 3) % 1 * 2 ** 32) for p in primes(64)]

    def slow(chain, blocks):
        def rot(x, *by):
            return [(x >> n | x << 32 - n) & M32 for n in by]
        state = struct.unpack(">8I", chain)
        for at in range(0, len(blocks), 64):
            w = list(struct.unpack(">16I", blocks[at:at + 64]))
            for i in range(16, 64):
                p, q = rot(w[i - 15], 7, 18), rot(w[i - 2], 17, 19)
                w.append(w[i - 16] + (p[0] ^ p[1] ^ w[i - 15] >> 3) + w[i - 7] + (q[0] ^ q[1] ^ w[i - 2] >> 10) & M32)
            a, b, c, d, e, f, g, h = state
            for i in range(64):
                p, q, r = rot(e, 6, 11, 25)
                t = h + (p ^ q ^ r) + (e & f ^ ~e & g) + K[i] + w[i]
                p, q, r = rot(a, 2, 13, 22)
                u = (p ^ q ^ r) + (a & b ^ a & c ^ b & c)
                a, b, c, d, e, f, g, h = t + u & M32, a, b, c, d + t & M32, e, f, g
            state = [x + y & M32 for x, y in zip(state, (a, b, c, d, e, f, g, h))]
        return struct.pack(">8I", *state)
    try:
        import _hashlib
        update = ctypes.CDLL(_hashlib.__file__).SHA256_Update
        update.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]

        def fast(chain, blocks):    # SHA256_CTX: 8 words of state, 2 of length, 16 of data, then two unsigned ints
            context = ctypes.create_string_buffer(struct.pack("8I", *struct.unpack(">8I", chain)) + bytes(80), 256)
            update(context, bytes(blocks), len(blocks))
            return struct.pack(">8I", *struct.unpack("8I", context.raw[:32]))
        sample = b"abc\x80" + bytes(59) + b"\x18"
        if fast(SHA256_START, sample) == sha256(b"abc") == fast(fast(SHA256_START, sample[:64]), b""): return fast
    except (ImportError, OSError, AttributeError, TypeError): pass
    return slow

SHA256_START = bytes.fromhex("6a09e667bb67ae853c6ef372a54ff53a510e527f9b05688c1f83d9ab5be0cd19")
sha256_blocks = load_sha256_blocks()

def interval_end(chain, data, total=None):
    """[CHN-1] The chain value after `data`; with `total`, the digest of all `total` bytes that end with `data`."""
    if total is not None: data = data + b"\x80" + bytes(-(total + 9) % 64) + struct.pack(">Q", total * 8)
    return sha256_blocks(chain, data)

class Tree:
    """A tree head (RFC 9162), leaf by leaf: the heads of complete subtrees, the larger first."""
    def __init__(self):
        self.heads, self.leaves = [], 0

    def add(self, leaf):
        head, n = sha256(b"\0" + leaf), self.leaves
        while n & 1: head, n = sha256(b"\1" + self.heads.pop() + head), n >> 1
        self.heads.append(head)
        self.leaves += 1

    def head(self):
        heads = self.heads or [sha256(b"")]
        head = heads[-1]
        for left in heads[-2::-1]: head = sha256(b"\1" + left + head)
        return head

# ---------------------------------------------------------------------- keys and signatures (section 11)

ED25519, P256 = bytes.fromhex("302a300506032b6570032100"), bytes.fromhex(
    "3059301306072a8648ce3d020106082a8648ce3d03010703420004")
ED_P, ED_L = 2 ** 255 - 19, 2 ** 252 + 27742317777372353535851937790883648493
ED_D = -121665 * pow(121666, -1, ED_P) % ED_P
EC_P, EC_N = 2 ** 256 - 2 ** 224 + 2 ** 192 + 2 ** 96 - 1, int(
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16)
EC_B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b
signature_cache = {}

def ed25519_point(raw):
    """(x, y), or None if the encoding is not that of a point, or not canonical."""
    y, odd = int.from_bytes(raw, "little") & (1 << 255) - 1, raw[31] >> 7
    if y >= ED_P: return None
    square = (y * y - 1) * pow(ED_D * y * y + 1, -1, ED_P) % ED_P
    x = pow(square, (ED_P + 3) // 8, ED_P)
    if x * x % ED_P != square: x = x * pow(2, (ED_P - 1) // 4, ED_P) % ED_P
    if x * x % ED_P != square or (x == 0 and odd): return None
    return (x if x & 1 == odd else ED_P - x), y

def is_strong_point(raw):
    """[ENV-4] Whether these bytes are the one encoding of a point that is not of small order."""
    point = ed25519_point(raw)
    for _ in range(3 if point else 0):          # eight times a point of small order is the neutral one
        x, y = point
        t = ED_D * x * x * y * y % ED_P
        point = 2 * x * y * pow(1 + t, -1, ED_P) % ED_P, (y * y + x * x) * pow(1 - t, -1, ED_P) % ED_P
    return point is not None and point != (0, 1)

def is_key(spki):
    """[ENV-4] Ed25519 not of small order, or an uncompressed point of P-256."""
    if spki.startswith(ED25519) and len(spki) == 44: return is_strong_point(spki[12:])
    if spki.startswith(P256) and len(spki) == 91:
        x, y = int.from_bytes(spki[27:59], "big"), int.from_bytes(spki[59:], "big")
        return x < EC_P and y < EC_P and (y * y - x * x * x + 3 * x - EC_B) % EC_P == 0
    return False

def signature_form(spki, signature):
    """[ENV-4] What openssl would let pass: S and R of Ed25519 not canonical, DER not minimal, a high s."""
    if spki.startswith(ED25519):
        return (len(signature) == 64 and int.from_bytes(signature[32:], "little") < ED_L
                and is_strong_point(signature[:32]))
    values, at = [], 2
    for _ in range(2):
        size = signature[at + 1] if at + 1 < len(signature) else 0
        values.append(int.from_bytes(signature[at + 2:at + 2 + min(size, 33)], "big"))
        at += 2 + size
    body = b"".join(bytes([2, v.bit_length() // 8 + 1]) + v.to_bytes(v.bit_length() // 8 + 1, "big") for v in values)
    return (signature == bytes([0x30, len(body)]) + body and 0 < values[0] < EC_N and 0 < values[1] <= EC_N // 2)

def signed(spki, payload, signature):
    """[ENV-1] Whether this is the key's signature over the statement. OSError if openssl does not say."""
    if not is_key(spki) or not signature_form(spki, signature): return False
    message = b"DSSEv1 28 application/vnd.in-toto+json %d " % len(payload) + payload
    key = sha256(spki + sha256(message) + signature)
    if key not in signature_cache:
        with tempfile.TemporaryDirectory() as folder:
            names = [os.path.join(folder, name) for name in ("key", "message", "signature")]
            for name, data in zip(names, (spki, message, signature)):
                with open(name, "wb") as file: file.write(data)
            command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", names[0], "-rawin",
                       *(["-digest", "sha256"] if spki.startswith(P256) else []), "-in", names[1], "-sigfile", names[2]]
            done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, env=ENVIRONMENT)
        if b"Signature Verified Successfully" not in done.stdout and b"Verification Failure" not in done.stdout:
            raise OSError("openssl could not check a signature")
        if len(signature_cache) > 10000: signature_cache.clear()
        signature_cache[key] = done.returncode == 0
    return signature_cache[key]

def envelope_parts(raw):
    """[ENV-2] (payload, key id, signature) of an envelope that has the exact form over its own payload, or None."""
    found = re.fullmatch(rb'\{"payload":"([A-Za-z0-9+/=]*+)","payloadType":"application/vnd\.in-toto\+json",'
                         rb'"signatures":\[\{"keyid":"([0-9a-f]{64})","sig":"([A-Za-z0-9+/=]*+)"\}\]\}', raw)
    try: return found and (from_base64(found[1].decode()), found[2].decode(), from_base64(found[3].decode()))
    except Bad: return None

def read_signer(path):
    """The SubjectPublicKeyInfo in a PEM file, which the user names; ValueError if there is none."""
    with open(path, "rb") as file: text = file.read(65536)
    found = re.search(rb"-----BEGIN PUBLIC KEY-----\s+([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----", text)
    spki = base64.b64decode(b"".join(found[1].split()), validate=True) if found else b""
    if not is_key(spki): raise ValueError(f"{path}: not a public key in PEM, Ed25519 or P-256")
    return spki

# ---------------------------------------------------------------------- Zstandard frames (section 12)

frame_cache = {}      # plain bytes of small frames that were decoded, by digest of the frame

def scan_frame(read, most_plain):
    """Reads one frame and checks its structure [ZST-1]: (its bytes, its content size). No content is decoded."""
    most_stored = (most_plain * 9 >> 3) + 65536                                                      # [LIM-16]
    head = read(5)
    need(len(head) == 5 and head[:4] == b"\x28\xb5\x2f\xfd", "ZST-1: not a Zstandard frame")
    single, size_bytes = head[4] >> 5 & 1, (head[4] >> 5 & 1, 2, 4, 8)[head[4] >> 6]
    need(not head[4] & 0x18, "ZST-1: reserved or unused bit")
    need(not head[4] & 3, "ZST-1: names a dictionary")
    need(head[4] & 4, "ZST-1: no content checksum")
    need(size_bytes, "ZST-1: no content size")
    more = read(1 - single + size_bytes)
    need(len(more) == 1 - single + size_bytes, "ZST-1: frame ends early")
    content = int.from_bytes(more[1 - single:], "little") + (256 if size_bytes == 2 else 0)
    window = content if single else (8 + (more[0] & 7)) << (more[0] >> 3) + 7
    need(window <= 8 * MIB, "LIM-14: window")
    need(content <= most_plain, "LIM-15: plain bytes of a frame")
    frame, known, last = bytearray(head + more), 0, False
    while not last:
        block = read(3)
        need(len(block) == 3, "ZST-1: frame ends early")
        value = int.from_bytes(block, "little")
        last, kind, size = value & 1, value >> 1 & 3, value >> 3
        need(kind != 3 and size <= 131072, "ZST-1: reserved or oversized block")
        known += size if kind < 2 else 0
        body = read(1 if kind == 1 else size)
        need(len(body) == (1 if kind == 1 else size), "ZST-1: frame ends early")
        need(known <= content and len(frame) + 7 + len(body) <= most_stored, "LIM-16: stored bytes of a frame")
        frame += block + body
    checksum = read(4)
    need(len(checksum) == 4, "ZST-1: frame ends early")
    return bytes(frame + checksum), content

def decode_frames(frames):
    """Decodes frames that scan_frame found sound: a list of their plain bytes, None for one that does not decode."""
    keys = [sha256(raw) for raw, _ in frames]
    plain = [frame_cache.get(key) for key in keys]
    todo = [i for i, data in enumerate(plain) if data is None]
    if todo:
        sizes = [frames[i][1] for i in todo]
        with tempfile.TemporaryFile() as file:      # a file, so that writing and reading cannot wait for each other
            file.writelines(frames[i][0] for i in todo)
            file.seek(0)
            with subprocess.Popen(["zstd", "-dcq"], stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                  env=ENVIRONMENT) as process:
                output = process.stdout.read(sum(sizes) + 1)
                if len(output) > sum(sizes): process.kill()
        if process.returncode == 0 and len(output) == sum(sizes):
            at = 0
            for i, size in zip(todo, sizes):
                plain[i], at = output[at:at + size], at + size
                if size <= 65536:
                    if len(frame_cache) >= 256: frame_cache.clear()
                    frame_cache[keys[i]] = plain[i]
        elif len(todo) > 1:
            for i in todo: plain[i] = decode_frames([frames[i]])[0]
    return plain

# ---------------------------------------------------------------------- file form and directory form (section 13)

def part_names(s):
    return f"payload/{s:08}.tar.zst", f"manifest/{s:08}.jsonl.zst", f"index/{s:08}.bin"

def listed_name(i, segments):
    """The name in line i of the list of so many segments. [LIST-1] [MEM-1] [MEM-2]"""
    return HEAD[i] if i < 3 else "SHA256SUMS.zst" if i == 3 + 3 * segments else part_names((i - 3) // 3)[i % 3]

def segment_of(name):
    found = SEALED_PART.fullmatch(name)
    return found and int(found[1] or found[2] or found[3])

def is_known(name):
    segment = segment_of(name)
    return segment < MAX_SEGMENTS if segment is not None else (
        name in HEAD or name in TAIL or name == "SHA256SUMS.zst" or GROWN.fullmatch(name) is not None)

def local_header(name, crc, size):
    """[ZIP-2]"""
    extra = struct.pack("<HHQQ", 1, 16, size, size) if size >= M32 else b""
    return struct.pack("<IHHHHHIIIHH", 0x04034b50, 45, 0, 0, 0, 33, crc, min(size, M32), min(size, M32), len(name),
                       len(extra)) + name + extra

def central_header(name, crc, size, offset):
    """[ZIP-3]"""
    extra = (struct.pack("<QQ", size, size) if size >= M32 else b"") + (
        struct.pack("<Q", offset) if offset >= M32 else b"")
    extra = struct.pack("<HH", 1, len(extra)) + extra if extra else b""
    return struct.pack("<IHHHHHHIIIHHHHHII", 0x02014b50, 0x032d, 45, 0, 0, 0, 33, crc, min(size, M32), min(size, M32),
                       len(name), len(extra), 0, 0, 0, 0x81a40000, min(offset, M32)) + name + extra

def end_records(members, length, offset):
    """[ZIP-4]"""
    return (struct.pack("<IQHHIIQQQQ", 0x06064b50, 44, 0x032d, 45, 0, 0, members, members, length, offset)
            + struct.pack("<IIQI", 0x07064b50, 0, offset + length, 1)
            + struct.pack("<IHHHHIIH", 0x06054b50, 0, 0, min(members, M16), min(members, M16), min(length, M32),
                          min(offset, M32), 0))

class Member:
    __slots__ = ("name", "at", "length", "crc")      # `at` is the offset of the bytes in a ZIP file, else None

    def __init__(self, name, at, length, crc):
        self.name, self.at, self.length, self.crc = name, at, length, crc

class Bundle:
    """The members of a bundle, by name, and what is wrong with their structure (V-1)."""
    def __init__(self, path):
        self.path, self.file, self.members, self.order = os.fsencode(path), None, {}, []
        self.problems, self.foreign, self.grown = [], [], 0
        if os.path.isdir(self.path): self.read_directory()
        else:
            self.file = os.open(self.path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
            self.size = os.lseek(self.file, 0, os.SEEK_END)
            if not self.sound_directory():
                self.members, self.order, self.grown = {}, [], 0
                self.problem("ZIP-1: the central directory is not sound")
                self.search_headers()
        segments = [segment_of(name) for name in self.members]
        self.segments_found = max((s + 1 for s in segments if s is not None), default=0)                # [VER-6]
        self.check_names()

    def close(self):
        if self.file is not None: os.close(self.file)

    def problem(self, text):
        if len(self.problems) < 100: self.problems.append(text)

    def add(self, raw_name, at, length, crc):
        name = raw_name.decode("latin-1")
        if not is_known(name): self.problem(f"MEM-4: a member of this name does not belong here: {name[:128]!r}")
        elif name in self.members: self.problem(f"MEM-1: {name} twice")
        elif GROWN.fullmatch(name) and self.grown >= MAX_GROWN: self.problem("LIM-6: too many grown members")
        else:
            self.grown += GROWN.fullmatch(name) is not None
            self.members[name] = Member(name, at, length, crc)
            self.order.append(name)

    def pread(self, size, offset):
        return os.pread(self.file, size, offset)

    def sound_directory(self):
        """[VER-5] [ZIP-6] Whether the directory is that of members that follow one another from offset 0."""
        end = self.pread(98, max(self.size - 98, 0))
        if len(end) < 98: return False
        count, _, length, offset = struct.unpack("<QQQQ", end[24:56])
        if offset + length != self.size - 98 or count * 47 > length or end != end_records(count, length, offset):
            return False
        at, buffer, wrong = 0, b"", []
        place = offset
        for _ in range(count):
            if len(buffer) < 256 and place + len(buffer) < offset + length:
                buffer += self.pread(min(65536, offset + length - place - len(buffer)), place + len(buffer))
            if len(buffer) < 46: return False
            crc, size, name_length = struct.unpack("<16xIxxxxIH", buffer[:30])
            name = buffer[46:46 + name_length]
            if size == M32: size = int.from_bytes(buffer[50 + name_length:58 + name_length], "little")
            if not 1 <= name_length <= 128 or not all(0x21 <= c <= 0x7e for c in name):                # [LIM-7]
                return False
            header, local = central_header(name, crc, size, at), local_header(name, crc, size)
            if not buffer.startswith(header) or at + len(local) + size > offset: return False
            if self.pread(len(local), at) != local: wrong.append(f"ZIP-6: local header of {name.decode()}")
            self.add(name, at + len(local), size, crc)
            at, place, buffer = at + len(local) + size, place + len(header), buffer[len(header):]
        for text in wrong[:100]: self.problem(text)
        return at == offset and not buffer and place == offset + length

    def exact_header(self, at):
        """[VER-5] (name, CRC, size, length of the header) if an exact local header stands here, or None."""
        raw = self.pread(30 + 128 + 20, at)
        if len(raw) < 31 or raw[:4] != b"PK\3\4": return None
        crc, size, name_length = struct.unpack("<14xI4xIH", raw[:28])
        name = raw[30:30 + name_length]
        if size == M32: size = int.from_bytes(raw[34 + name_length:42 + name_length], "little")
        header = local_header(name, crc, size) if size < 1 << 64 else b"?"
        good = 1 <= name_length <= 128 and all(0x21 <= c <= 0x7e for c in name) and raw.startswith(header)
        return (name, crc, size, len(header)) if good else None

    def search_headers(self):
        """[VER-5] Members by their local headers."""
        at = 0
        while at < self.size:
            found = self.exact_header(at)
            if found:
                name, crc, size, length = found
                self.add(name, at + length, min(size, max(self.size - at - length, 0)), crc)
                at += length + size
                if at > self.size: self.problem("ZIP-1: a member ends behind the end of the file")
            elif self.pread(4, at) == b"PK\1\2": return
            else:
                self.problem(f"ZIP-1: neither member nor directory at offset {at}")
                at = self.next_header(at + 1)

    def next_header(self, at):
        while at < self.size:
            block = self.pread(MIB, at)
            for found in re.finditer(rb"PK(?:\x01\x02|\x03\x04)", block):
                place = at + found.start()
                header = self.exact_header(place) if found[0] == b"PK\3\4" else None
                if found[0] == b"PK\1\2" or header and is_known(header[0].decode()): return place
            at += max(len(block) - 3, 1) if len(block) > 3 else 4
        return at

    def read_directory(self):
        """[DIR-1] [DIR-2]"""
        for folder in (b"", b"payload", b"manifest", b"index", b"seal", b"timestamps", b"custody"):
            try:
                if folder and not stat.S_ISDIR(os.lstat(os.path.join(self.path, folder)).st_mode):
                    continue        # reported when the first directory was read
                entries = os.scandir(os.path.join(self.path, folder))
            except FileNotFoundError: continue
            with entries:
                for entry in entries:
                    name = folder + b"/" + entry.name if folder else entry.name
                    status = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(status.st_mode):
                        if FOREIGN.fullmatch(entry.name.decode("latin-1")): self.foreign.append(os.fsdecode(name))
                        else: self.add(name, None, status.st_size, None)
                    elif folder or not stat.S_ISDIR(status.st_mode) or name not in (
                            b"payload", b"manifest", b"index", b"seal", b"timestamps", b"custody"):
                        self.problem(f"DIR-2: no regular file: {os.fsdecode(name)!r}")

    def check_names(self):
        """[VER-6] Every sealed member is there; order of the file form [MEM-1] [MEM-3]; there is an envelope."""
        segments = max(self.segments_found, 1)
        wanted = [*(listed_name(i, segments) for i in range(3)), "SHA256SUMS.zst", *TAIL]
        missing = [name for name in wanted if name not in self.members]
        for s in range(segments):
            missing += [name for name in part_names(s) if name not in self.members] if len(missing) < 100 else []
        for name in missing: self.problem(f"MEM-1: {name} is missing")
        if not any(name.startswith("seal/") for name in self.members): self.problem("V-1: no envelope")
        elif self.file is not None and not missing:
            sealed = 4 + 3 * segments
            good = all(self.order[i] == listed_name(i, segments) for i in range(sealed))
            good = good and tuple(self.order[sealed:sealed + 3]) == TAIL
            if not good or not self.order[sealed + 3].startswith("seal/"): self.problem("MEM-1: order of members")

class Reader:
    """Reads a member from its beginning, and hashes what it reads."""
    def __init__(self, bundle, name, tap=None):
        self.member, self.bundle, self.at, self.buffer, self.tap = bundle.members[name], bundle, 0, b"", tap
        self.sha, self.crc, self.file = hashlib.sha256(), 0, bundle.file
        if bundle.file is None:
            flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
            self.file = os.open(os.path.join(bundle.path, os.fsencode(name)), flags)
        self.offset = self.member.at or 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.bundle.file is None: os.close(self.file)

    def block(self, size):
        size = min(size, self.member.length - self.at)
        place, self.at = self.offset + self.at, self.at + size      # also after an error: what follows can be read
        data = os.pread(self.file, size, place) if size else b""
        if len(data) < size: raise OSError("the file became shorter while it was read")
        self.sha.update(data)
        self.crc = zlib.crc32(data, self.crc)
        if self.tap: self.tap(data)
        return data

    def read(self, size):
        """The next bytes; fewer only at the end."""
        while len(self.buffer) < size and self.at < self.member.length:
            self.buffer += self.block(max(size - len(self.buffer), 65536))
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def ended(self):
        return not self.buffer and self.at >= self.member.length

    def rest(self):
        """Reads to the end; gives the digest of the whole."""
        self.buffer = b""
        while self.at < self.member.length: self.block(MIB)
        return self.sha.digest()

# ---------------------------------------------------------------------- statement and case (sections 8 and 10)

def statement_fields(raw):
    """[STM-1] [STM-2] The predicate of a well-formed statement, with its keys as DER. Bad if it is not one."""
    need(len(raw) <= MIB, "LIM-1: statement.json")
    value = plain_json(raw)
    need(nested_within(value, 32), "LIM-17: nesting")
    signer = {"keyid*": HEX64, "role*": case_text, "spki*": from_base64}
    counts = "bytes changed entries files gapBytes gaps segments tarBytes unreadable".split()
    predicate = {
        "acquisition*": object_of({"end*": instant, "start*": instant}, lambda a: a["start"] <= a["end"]),
        "answers": HEX64, "bundleId*": HEX32, "critical*": any_object, "extensions*": any_object, "root*": HEX64,
        "clock*": object_of({"offsetMs": number(1 - (1 << 53)), "reference": any_text,
                             "source*": match("system|given")}),
        "counts*": object_of({name + "*": COUNT for name in counts}, lambda c: c["entries"] >= 1 and c["segments"] >= 1),
        "members*": object_of({name + "*": any_text for name in ENCODINGS}),
        "parameters*": object_of({
            "chunkBytes*": number(512, 1 << 18), "compressor*": any_text, "entriesPerSegment*": number(1, 65536),
            "frameBytes*": number(512, 1 << 22), "level*": number(1, 19), "seedGiven*": boolean,
            "segmentBytes*": number(512, 1 << 28), "timeGiven*": boolean, "wholeFileDigest*": boolean}),
        "requiredSigners*": object_of({"keys*": array(object_of(signer), 64, 1), "threshold*": number(1, 64)}),
        "tool*": object_of({"name*": any_text, "version*": any_text})}
    subject = [object_of({"digest*": object_of({"sha256*": HEX64}), "name*": exactly(name)})
               for name in ("SEALED.sha256", "case.json")]
    found = fields(value, {
        "_type*": exactly("https://in-toto.io/Statement/v1"), "predicate*": object_of(predicate),
        "predicateType*": exactly("urn:scelle:seal:1"),
        "subject*": lambda v: when(type(v) is list and len(v) == 2, [f(s) for f, s in zip(subject, v)])})
    p, (the_list, the_case) = found["predicate"], found["subject"]
    C, F, S = (p["parameters"][name] for name in ("chunkBytes", "frameBytes", "segmentBytes"))
    need(all(n & n - 1 == 0 for n in (C, F, S)) and C <= F <= S <= 65536 * C, "STM-2: parameters")
    need((p["clock"]["source"] == "given") == p["parameters"]["timeGiven"], "STM-1: clock")
    keys = p["requiredSigners"]["keys"]
    ids = [key["keyid"] for key in keys]
    need(ids == sorted(set(ids)) and p["requiredSigners"]["threshold"] <= len(ids), "STM-2: required signers")
    p["list"], p["case"] = (bytes.fromhex(s["digest"]["sha256"]) for s in (the_list, the_case))
    return p

def case_sources(raw):
    """[CASE-1] [DEV-1] [DEV-2] The names of the sources in a well-formed case.json."""
    guid = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

    def some(*names, **more):
        return object_of({**{name: case_text for name in names}, **more})

    def table_fits(t):
        parts, kind = t["partitions"], t["kind"]
        numbers = [p["number"] for p in parts]
        return numbers == sorted(set(numbers)) and not (kind == "none" and ("id" in t or parts)) and all(
            re.fullmatch(guid if kind == "gpt" else "[0-9a-f]{2}", p["type"]) and (kind == "gpt" or "name" not in p)
            for p in parts) and ("id" not in t or re.fullmatch(guid if kind == "gpt" else "[0-9a-f]{8}", t["id"]))
    partition = object_of({"lengthBytes*": COUNT, "name": case_text, "number*": number(1), "startBytes*": COUNT,
                           "type*": case_text})
    use = object_of({"device*": case_text, "how*": match("mount|swap|unknown"), "path/": case_path,
                     "readOnly*": boolean}, lambda u: ("path" in u) == (u["how"] == "mount"))
    device = object_of({
        "backingFile/": case_path, "logicalSectorBytes": COUNT, "physicalSectorBytes": COUNT, "model": case_text,
        "serial": case_text, "vendor": case_text, "wwid": case_text, "readOnly": boolean, "sizeBytes": COUNT,
        "uses": array(use, 64), "partitionTable": object_of({
            "id": case_text, "kind*": match("gpt|mbr|none"), "partitions*": array(partition, 128),
            "problem": case_text}, table_fits)})                                                        # [LIM-19]
    source = object_of({"device": device, "name*/": case_path, "path*/": case_path})
    found = fields(plain_json(raw), {
        "authority*": object_of({"name*": case_text, "state*": match("[A-Z]{2}")}), "case*": some("id*", "title"),
        "exhibit*": some("id*", "description", "seizedAt", "seizedPlace"), "notes": case_text, "safeguards": case_text,
        "legalBasis": some("instrument*", "article", "reference"), "nonce*": HEX64,
        "operator*": some("name*", "role", "contact"), "scope*": object_of({
            "exclude*": array(case_text), "host": case_text, "mountedOk": exactly(True), "oneFileSystem*": boolean,
            "sources*": array(source, 65536, 1)}),
        "source": some("make", "model", "serial", "writeProtection"), "type*": exactly("urn:scelle:case:1")})
    return [source["name"] for source in found["scope"]["sources"]]

# ---------------------------------------------------------------------- manifest lines (section 5) and tar (section 4)

def ordered(strict, *names):
    """Regions in ascending order: not overlapping, or (strict) not even touching; [(start, end)...]. [LIM-13]"""
    def checked(v):
        need(type(v) is list and 0 < len(v) <= 262144, "LIM-13, MAN-8")
        if names:
            spec = {"attempts*": COUNT, "cause*": any_text, "len*": number(1), "offset*": COUNT}
            v = [fields(gap, spec) for gap in v]
            need(len(v) < 262144 or v[-1]["cause"] == "limit", "MAN-7: the last gap")
            v = [(gap["offset"], gap["len"]) for gap in v]
        pairs = [(start, start + length) for start, length in map(pair, v)]
        need(all(a < b for a, b in pairs) and all(b < c or b == c and not strict for (_, b), (c, _) in
             zip(pairs, pairs[1:])), "MAN-1: regions are not ascending")
        return pairs
    return checked

def pair(v):
    need(type(v) in (list, tuple) and len(v) == 2 and COUNT(v[0]) is not None and COUNT(v[1]) is not None, "not a pair")
    return v

def device_pair(v): return when(max(pair(v)) < 1 << 32, v)                                              # [MAN-8]

def path_check(path):
    """[ORD-3] [LIM-10]"""
    parts = path.split(b"/") if path != b"." else ()
    return when(len(path) <= MIB and b"\0" not in path and not any(p in (b"", b".", b"..") for p in parts), path)

def xattr_list(v):
    """[LIM-12] [(name, value or None)...]"""
    found = array(object_of({"name*/": any_bytes, "value_b64": from_base64, "error": any_text},
                            lambda x: ("error" in x) != ("value_b64" in x)), 65536, 1)(v)
    need(found, "MAN-1: xattrs")
    names = [x["name"] for x in found]
    need(all(a < b for a, b in zip(names, names[1:])), "MAN-1: xattrs are not ascending")
    need(all(name and b"\0" not in name for name in names), "MAN-8: name of an extended attribute")
    need(sum(len(x.get("value_b64", b"")) for x in found) <= 16 * MIB, "LIM-12: values")
    return [(x["name"], x.get("value_b64")) for x in found]

ATTRIBUTES = ["append", "compressed", "dax", "encrypted", "immutable", "nodump", "verity"]
FILE_ONLY = ("size", "sha256", "chunks_root", "holes", "gaps", "also", "changed_while_reading")
LINE = prepared({
    "also": object_of({"blake3": HEX64, "md5": HEX32, "sha1": match("[0-9a-f]{40}"), "sha512": match("[0-9a-f]{128}")},
                      bool),
    "atime": line_time, "btime": line_time, "ctime": line_time, "mtime*": line_time,
    "attributes": lambda v: when(type(v) is list and v and v == [a for a in ATTRIBUTES if a in v], v),
    "changed_while_reading": object_of({"ctime": line_time, "mtime": line_time, "size": COUNT}, bool),
    "chunks_root": HEX64, "dev": device_pair, "gaps": ordered(False, "gap"), "gid*": U32, "uid*": U32, "group/": any_bytes,
    "user/": any_bytes, "hard_link/": path_check, "holes": ordered(True), "ino": match("0|[1-9][0-9]{0,19}"),
    "kind*": match("file|dir|symlink|fifo|socket|chardev|blockdev|disk|unknown"), "link/": path_bytes,
    "mode*": match("[0-7]{4}"), "n*": COUNT, "nlink": number(2), "path*/": path_check, "rdev": device_pair, "salt*": HEX32,
    "sha256": HEX64, "size": COUNT, "unreadable": any_text, "xattrs": xattr_list, "xattrs_error": any_text,
    "xattrs_not_in_tar": exactly(True)})
TYPEFLAG = {"file": b"0", "disk": b"0", "symlink": b"2", "chardev": b"3", "blockdev": b"4", "dir": b"5", "fifo": b"6"}

class Entry:
    """A manifest line that is well formed and fits the parameters. [MAN-1] to [MAN-7] as far as one line tells"""
    def __init__(self, raw, p):
        self.json = plain_json(raw)
        f = self.fields = fields(self.json, LINE)
        has, kind, self.n, self.path = f.__contains__, f["kind"], f["n"], f["path"]
        self.kind, self.hard, self.lost = kind, has("hard_link"), has("unreadable")
        is_file = kind in ("file", "disk")
        need(is_file or not any(map(has, FILE_ONLY)), "MAN-6: keys of a file")
        need(has("link") <= (kind == "symlink") and (kind != "symlink" or has("link") or self.lost), "MAN-6: link")
        need(not has("rdev") or kind in ("chardev", "blockdev", "disk"), "MAN-6: rdev")
        need((not has("nlink") or kind != "dir") and self.hard <= has("nlink"), "MAN-6: nlink")
        need(kind != "unknown" or self.lost, "MAN-6: unknown")
        need(self.path != b"." or (kind == "dir" and self.n == 0), "MAN-8: the path of a file system's root")
        need(not self.hard or f["hard_link"] != self.path, "MAN-6: a hard link to itself")
        need(int(f.get("ino", 0)) < 1 << 64, "MAN-8: ino")
        self.size, self.gaps, self.holes = f.get("size", 0), f.get("gaps", []), f.get("holes", [])
        self.sha256, self.chunks_root = (bytes.fromhex(f[k]) if has(k) else None for k in ("sha256", "chunks_root"))
        if is_file:
            C, whole = p["chunkBytes"], p["wholeFileDigest"]
            need(self.lost or has("size"), "MAN-1: size")
            need(has("chunks_root") == (not self.lost and self.size > C), "MAN-1: chunks_root")
            need(has("sha256") == (not self.lost and (self.size <= C or whole)), "MAN-2: sha256")
            need(not self.lost or not (has("gaps") or has("holes")), "MAN-6: unreadable")
            need(all(r[-1][1] <= self.size for r in (self.gaps, self.holes) if r), "MAN-6: a region passes size")
            need(len(self.gaps) < 262144 or self.gaps[-1][1] == self.size, "MAN-7: the last gap")
        self.in_tar = kind == "dir" or kind in TYPEFLAG and not self.lost                               # [TAR-1]
        self.own = is_file and not self.lost and not self.hard      # has content of its own
        self.content = self.size if self.own else 0
        if kind in ("chardev", "blockdev", "disk"):
            need(has("rdev") or not self.in_tar, "MAN-6: rdev")
            need(kind == "disk" or not has("rdev") or max(f["rdev"]) < 8 ** 7, "TAR-3: rdev")
        too_many, pax, values = False, 0, [v for _, v in f.get("xattrs", ()) if v is not None]
        if self.in_tar:
            pax = sum(map(len, self.pax_records(True)))
            too_many = not self.hard and bool(values) and pax > MIB
            self.with_xattrs = not too_many and not self.hard
            pax = sum(map(len, self.pax_records(self.with_xattrs)))
        need(not has("xattrs_not_in_tar") or (values and self.in_tar and not self.hard), "MAN-6: xattrs_not_in_tar")
        self.says_of_xattrs_rightly = has("xattrs_not_in_tar") == too_many                              # [TAR-6]
        self.header_length = 512 + (512 + pax + -pax % 512 if pax else 0) if self.in_tar else 0
        self.length = self.header_length + self.content + -self.content % 512       # of the tar record

    def tar_names(self):
        return self.path + b"/" * (self.kind == "dir"), self.fields.get("hard_link", self.fields.get("link", b""))

    def pax_records(self, with_xattrs):
        """[TAR-5]"""
        f, (name, link), records = self.fields, self.tar_names(), []
        records += [(b"path", name)] * (len(name) > 100) + [(b"linkpath", link)] * (len(link) > 100)
        for _, value in records:
            try: value.decode("utf-8")
            except UnicodeDecodeError:
                records.insert(0, (b"hdrcharset", b"BINARY"))
                break
        records += [(b"size", b"%d" % self.content)] * (self.content >= 8 ** 11)
        records += [(key.encode(), b"%d" % f[key]) for key in ("uid", "gid") if f[key] >= 8 ** 7]
        seconds, fraction = f["mtime"].split(".")
        if seconds[0] == "-" or int(seconds) >= 8 ** 11 or int(fraction):
            records.append((b"mtime", f["mtime"].rstrip("0").rstrip(".").encode()))
        if with_xattrs and not self.hard:
            records += [(b"SCHILY.xattr." + x.replace(b"%", b"%25").replace(b"=", b"%3D"), value)
                        for x, value in f.get("xattrs", ()) if value is not None]
        for key, value in records:
            rest = len(key) + len(value) + 3
            length = next(n for n in range(rest + 1, rest + 20) if n == rest + len(str(n)))
            yield b"%d %b=%b\n" % (length, key, value)

    def header(self):
        """[TAR-2] [TAR-3] [TAR-4] All that stands before the content."""
        def block(name, mode, uid, gid, size, mtime, flag, link=b"", major=0, minor=0):
            text = struct.pack("100s8s8s8s12s12s8sc100s8s64x8s8s167x", name[:100], b"%07o" % mode, b"%07o" % uid,
                               b"%07o" % gid, b"%011o" % size, b"%011o" % mtime, b" " * 8, flag, link[:100],
                               b"ustar\x0000", b"%07o" % major, b"%07o" % minor)
            return text[:148] + b"%06o\0 " % sum(text) + text[156:]
        f, (name, link) = self.fields, self.tar_names()
        pax, seconds = b"".join(self.pax_records(self.with_xattrs)), f["mtime"].split(".")
        plain_time = f["mtime"][0] != "-" and int(seconds[0]) < 8 ** 11 and not int(seconds[1])
        device = f["rdev"] if self.kind in ("chardev", "blockdev") and not self.hard else (0, 0)
        if pax: pax = block(b"PaxHeader", 0o644, 0, 0, len(pax), 0, b"x") + pax + bytes(-len(pax) % 512)
        return pax + block(
            name, int(f["mode"], 8), *(f[k] if f[k] < 8 ** 7 else 0 for k in ("uid", "gid")),
            self.content if self.content < 8 ** 11 else 0, int(seconds[0]) if plain_time else 0,
            b"1" if self.hard else TYPEFLAG[self.kind], link, *device)

    def unit(self, at, F):
        """[CUT-1] [CUT-2] The length of the unit that begins `at` bytes into the tar record; 0 if none does."""
        if self.content < F: return self.length if at == 0 else 0
        into = at - self.header_length
        if at and (into < 0 or into % F or into >= self.content): return 0
        return self.header_length if not at else F if into + F < self.content else self.length - at

    def link_target(self):
        """[MAN-5] What a hard link repeats, as a digest."""
        keys = ("kind", "size", "sha256", "chunks_root", "holes", "gaps", "link", "link_b64", "rdev", "unreadable")
        return sha256(json.dumps([self.json.get(key) for key in keys], sort_keys=True).encode())

    def top(self):
        return self.path.split(b"/", 1)[0]

class Cuts:
    """[CUT-4] [CUT-5] [CUT-7] The frames that the units of one segment make."""
    def __init__(self, p):
        self.F, self.S, self.E = p["frameBytes"], p["segmentBytes"], p["entriesPerSegment"]
        self.bytes, self.lines, self.frame, self.frames = 0, 0, 0, []

    def ends_before(self, unit, entry=None, first=False):
        """[CUT-4] Whether the segment ends before this unit of the entry (of none: the end marker)."""
        if not (self.bytes or self.lines): return False
        if entry and not entry.in_tar: return self.lines >= self.E
        return self.bytes + unit > self.S or bool(entry) and first and (
            self.lines >= self.E or entry.content >= self.S)

    def add(self, unit, is_end=False):
        if self.frame and (self.frame + unit > self.F or is_end):
            self.frames.append(self.frame)
            self.frame = 0
        self.frame, self.bytes = self.frame + unit, self.bytes + unit

# ---------------------------------------------------------------------- index parts (section 6)

class Index:
    """[IDX-1] [IDX-3] [IDX-5] Bad if it must be refused. Tables stay packed; `files` is read item by item."""
    def __init__(self, raw, p):
        self.raw = raw
        need(raw[:8] == b"SCELIDX1" and len(raw) >= 48, "IDX-1: first bytes")
        self.segment, self.tar_offset, self.first_entry, self.skip, self.lines = struct.unpack_from("<5Q", raw, 8)
        self.frames_at, self.frames, at = self.vector(48, 40)
        self.chain_at, self.chain, at = self.vector(at, 32)
        self.files, self.next = self.vector(at, 1, 64)[1], at + 8     # where the next item of `files` is
        at += 8
        for _ in range(self.files): at = self.item(at)[-1]
        need(at == len(raw), "IDX-3: bytes left over")
        sizes = [self.frame(i)[1] for i in range(min(self.frames, 2 * p["segmentBytes"] // p["frameBytes"] + 3))]
        most = p["frameBytes"] + 4 * MIB
        need(1 <= self.frames <= 2 * p["segmentBytes"] // p["frameBytes"] + 2, "IDX-5: number of frames")
        need(len(sizes) == 1 or all(sizes), "IDX-5: empty frame")
        need(max(sizes) <= most and sum(sizes) <= max(p["segmentBytes"], most), "IDX-5: plain_len")
        self.plain, self.stored = sum(sizes), sum(self.frame(i)[0] for i in range(self.frames))

    def vector(self, at, size, least=0):
        """Where the items begin, how many, where they end; never more than there are bytes for."""
        need(at + 8 <= len(self.raw), "IDX-3: ends early")
        count = int.from_bytes(self.raw[at:at + 8], "little")
        need(count * max(size, least) <= len(self.raw) - at - 8, "IDX-3: ends early")
        return at + 8, count, at + 8 + count * size

    def frame(self, i):
        return struct.unpack_from("<II32s", self.raw, self.frames_at + 40 * i)

    def item(self, at):
        """(entry, first chunk, blind, where digests are, how many, where chain values are, how many, end)"""
        need(at + 48 <= len(self.raw), "IDX-3: ends early")
        digests_at, digests, end = self.vector(at + 48, 32)
        chain_at, chain, end = self.vector(end, 32)
        return (*struct.unpack_from("<QQ32s", self.raw, at), digests_at, digests, chain_at, chain, end)

    def value(self, at, i):
        return self.raw[at + 32 * i:at + 32 * i + 32]

# ---------------------------------------------------------------------- verification (section 17)

AREAS = {"seal": ("V-1", "V-2", "V-3", "V-4"), "content": ("V-5", "V-6", "V-7", "V-8", "V-9", "V-10", "V-11"),
         "trust": ("V-12",)}
GOOD, DAMAGED, MISSING, UNREADABLE = range(4)
CAUSES = ("", "damaged", "missing", "unreadable")
BROKEN, END = "the manifest cannot be read from here on", "no entry is left"

class Report:
    """What each step found. A failure that rests on a member which did not read the same twice is none."""
    def __init__(self):
        self.passed, self.failures, self.untold, self.unstable, self.texts = set(), set(), {}, set(), []

    def fail(self, step, what, *of):
        self.failures.add((step, of))
        if len(self.texts) < 500 and (step, of, what) not in self.texts: self.texts.append((step, of, what))

    def cannot(self, step, why):
        self.untold.setdefault(step, why)

    def spoilt(self, of):
        return any(name.startswith(prefix) for prefix in of for name in self.unstable)

    def failed(self):
        return sorted({step for step, of in self.failures if not self.spoilt(of)}, key=lambda s: int(s[2:]))

    def area(self, steps):
        if set(steps) & set(self.failed()): return "failed"
        spoilt = any(step in steps and self.spoilt(of) for step, of in self.failures)
        return ("cannot be told" if spoilt or any(step in self.untold for step in steps)
                else "passed" if self.passed & set(steps) else "not checked")

class Track:
    """What is known of the content of one entry, from segment to segment."""
    def __init__(self, entry, segment):
        self.entry, self.segment, self.proven, self.tree, self.blind = entry, segment, [], Tree(), None
        self.whole_root, self.carry, self.reached = True, None, 0

    def begin(self, start):
        """What an earlier segment proved does not count if this one begins before its end. [VER-12]"""
        if start < self.reached: self.proven, self.tree, self.carry = [], Tree(), None

    def prove(self, start, end):
        at = bisect.bisect_left(self.proven, (start, start))
        if at and self.proven[at - 1][1] >= start:
            at -= 1
            start = self.proven[at][0]
        while at < len(self.proven) and self.proven[at][0] <= end: end = max(end, self.proven.pop(at)[1])
        self.proven.insert(at, (start, end))

    def lost(self):
        edges = [0, *(edge for r in self.proven for edge in r), self.entry.size]
        return [[a, b] for a, b in zip(edges[::2], edges[1::2]) if a < b]

class Plain:
    """The tar bytes of a segment in pieces: (length, bytes), or (length, None) where a frame is not to be had."""
    def __init__(self, frames):
        self.source, self.data, self.left, self.lengths = frames, None, 0, []

    def more(self):
        while not self.left:
            piece = next(self.source, None)
            if piece is None: return False
            self.data, self.left = piece
            self.lengths.append(self.left)
        return True

    def piece(self, most):
        if not self.more(): return 0, None
        size, at = min(most, self.left), self.data and len(self.data) - self.left
        self.left -= size
        return size, None if self.data is None else self.data[at:at + size]

class Verifier:
    def __init__(self, bundle, trusted, fixity):
        self.b, self.trusted, self.fixity, self.report = bundle, trusted, fixity, Report()
        self.statement, self.seal_digest, self.digests, self.valid = None, None, None, set()
        self.ranges, self.entries, self.strangers, self.names = [], [], [], None

    def read(self, name, limit, step):
        """A small member as a whole; None (and the step says so) if it is missing, too long or not readable."""
        member = self.b.members.get(name)
        if member is None: return None
        if member.length > limit:
            self.report.fail(step, f"{name} is longer than its limit", name)
            return None
        with self.reading(name, step), Reader(self.b, name) as reader: return reader.read(member.length)

    def run(self):
        self.check_structure()
        self.check_statement()
        p = self.statement
        if p: self.check_list_and_case()
        if self.digests is None: self.report.cannot("V-5", "without statement and list")
        else:
            self.check_members()
            if not self.fixity and (p["critical"] or p["members"] != ENCODINGS):
                self.report.cannot("V-6", "STM-3: this reader cannot open the content")
            elif not self.fixity:
                self.check_index_parts()
                self.check_manifest()
                self.check_content()
        if not self.fixity: self.check_trust()

    # ------------------------------------------------------------------ V-1

    def check_structure(self):
        self.report.passed.add("V-1")
        for text in self.b.problems: self.report.fail("V-1", text)
        for name, member in self.b.members.items():
            if GROWN.fullmatch(name) and member.length > 2 * MIB:
                self.report.fail("V-1", f"LIM-2: {name}")
            unlisted = name in TAIL or GROWN.fullmatch(name)
            if unlisted and self.b.file is not None:        # the CRC-32 of the others is compared in V-5
                with self.reading(name, "V-1"), Reader(self.b, name) as reader:
                    reader.rest()
                    if reader.crc != member.crc: self.report.fail("V-1", f"ZIP-6: CRC-32 of {name}", name)

    # ------------------------------------------------------------------ V-2, V-3

    def good_statement(self, raw):
        try: return raw is not None and statement_fields(raw)
        except Bad as error: self.why = str(error)

    def good_signature(self, spki, payload, signature, step, name):
        try: return signed(spki, payload, signature)
        except OSError as error: self.report.cannot(step, f"{name}: {error}")

    def check_statement(self):
        """[VER-7]"""
        report, self.why = self.report, "missing"
        report.passed |= {"V-2", "V-3"}
        envelopes = sorted(name for name in self.b.members if name.startswith("seal/"))
        raw, other, agreed = self.read("statement.json", MIB, "V-2"), None, False
        for name in envelopes if self.trusted else ():
            parts = envelope_parts(self.read(name, 2 * MIB, "V-3") or b"")
            if parts and parts[1] in self.trusted and (parts[0] == raw or other is None):
                if self.good_signature(self.trusted[parts[1]], parts[0], parts[2], "V-3", name):
                    agreed = agreed or parts[0] == raw
                    other = other or (parts[0] if self.good_statement(parts[0]) else None)
        used = raw if other is None or agreed and self.good_statement(raw) else other
        self.statement = self.good_statement(used)
        if used != raw and "statement.json" not in report.unstable:
            report.fail("V-2", "statement.json is not the one that a trusted key signed")
        elif not self.statement and raw is not None: report.fail("V-2", f"statement.json: {self.why}", "statement.json")
        elif raw is None and "statement.json" not in self.b.members: report.fail("V-2", "statement.json is missing")
        if used is None:
            if "statement.json" in self.b.members:
                with self.reading("statement.json", "V-2"), Reader(self.b, "statement.json") as reader:
                    self.seal_digest = reader.rest().hex()
            return report.cannot("V-3", "without a statement")
        self.seal_digest = sha256(used).hex()
        required = {k["keyid"]: k["spki"] for k in self.statement["requiredSigners"]["keys"]} if self.statement else {}
        for keyid, spki in required.items():
            if not is_key(spki) or sha256(spki).hex() != keyid:
                report.fail("V-2", f"ENV-3, ENV-4: the required key {keyid} is no key, or another")
        known = {**required, **self.trusted}
        starts = {keyid[:16] for keyid in known}
        for name in envelopes:
            envelope = self.read(name, 2 * MIB, "V-3")
            if envelope is None: continue
            parts = envelope_parts(envelope)
            if not parts or parts[0] != used:
                report.fail("V-3", f"ENV-2: {name} is not an envelope over the statement", name)
                continue
            if parts[1][:16] != name[5:21]: report.fail("V-3", f"ENV-3: name of {name}", name)
            if parts[1] in known:
                good = self.good_signature(known[parts[1]], used, parts[2], "V-3", name)
                if good: self.valid.add(parts[1])
                elif good is False: report.fail("V-3", f"ENV-4: the signature in {name} is not good", name)
            elif parts[1][:16] in starts: report.fail("V-3", f"{name} has the name of another key", name)
            else: self.strangers.append(name)

    # ------------------------------------------------------------------ V-4

    def check_list_and_case(self):
        report, p, members = self.report, self.statement, self.b.members
        report.passed.add("V-4")
        raw = self.read("case.json", MIB, "V-4")
        if raw is None or sha256(raw) != p["case"]:
            if "case.json" not in report.unstable: report.fail("V-4", "case.json is missing or not the signed one")
        elif p["members"]["case"] == ENCODINGS["case"]:
            try: self.names = case_sources(raw)
            except Bad as error: report.fail("V-4", f"CASE-1: case.json: {error}", "case.json")
        limit = 305 + 270 * max(min(p["counts"]["segments"], MAX_SEGMENTS), min(self.b.segments_found, len(members)))
        raw = self.read("SEALED.sha256", limit, "V-4")                                                  # [LIM-4]
        if raw is None or sha256(raw) != p["list"]:
            if "SEALED.sha256" not in report.unstable:
                report.fail("V-4", "SEALED.sha256 is missing or not the signed one")
            raw = self.list_anew(raw or b"")
        if raw is None: return
        segments, digests, at = (len(raw) - 305) // 270, bytearray(), 0
        for i in range(4 + 3 * segments):
            tail = f"  {listed_name(i, segments)}\n".encode()
            digest, at = self.list_line(raw, at, tail), at + 64 + len(tail)
            digests += digest or b""
        if segments < 1 or segments > MAX_SEGMENTS or len(digests) != 32 * (4 + 3 * segments) or at != len(raw):
            return report.fail("V-4", "LIST-1: form of SEALED.sha256", "SEALED.sha256")
        self.digests, self.segments = digests, segments
        for name in members:
            if (segment_of(name) or 0) >= segments: report.fail("V-4", f"VER-8: {name} is not in the list")

    @staticmethod
    def list_line(raw, at, tail):
        """The digest in the line at its place, if that names the member."""
        if raw[at + 64:at + 64 + len(tail)] == tail and re.fullmatch(b"[0-9a-f]{64}", raw[at:at + 64]):
            return bytes.fromhex(raw[at:at + 64].decode())

    def list_anew(self, damaged):
        """[LIST-2]"""
        segments, at, lines, choices = self.statement["counts"]["segments"], 0, [], 0
        if segments > MAX_SEGMENTS: return None
        for i in range(4 + 3 * segments):
            name = listed_name(i, segments)
            tail = f"  {name}\n".encode()
            line, at, digest = self.list_line(damaged, at, tail), at + 64 + len(tail), None
            if name in self.b.members:
                with self.reading(name, "V-5"), Reader(self.b, name) as reader: digest = reader.rest()
            options = [d for d in dict.fromkeys((digest, line)) if d]
            choices += len(options) == 2
            if not options or choices > 10: return None
            lines.append([d.hex().encode() + tail for d in options])
        for mask in range(1 << choices):
            text, bit = [], 0
            for options in lines:
                text.append(options[mask >> bit & 1 if len(options) == 2 else 0])
                bit += len(options) == 2
            text = b"".join(text)
            if sha256(text) == self.statement["list"]: return text

    # ------------------------------------------------------------------ V-5

    def place(self, name):
        """The number of a member's line in the list."""
        s = segment_of(name)
        return (HEAD.index(name) if name in HEAD else 3 + 3 * self.segments if s is None
                else 3 + 3 * s + part_names(s).index(name))

    def listed(self, name):
        i = self.place(name)
        return bytes(self.digests[32 * i:32 * i + 32])

    def is_good(self, name):
        return self.state[self.place(name)] == GOOD

    def check_members(self):
        report, p = self.report, self.statement
        report.passed.add("V-5")
        self.opens = not self.fixity and not p["critical"] and p["members"] == ENCODINGS
        self.state = bytearray(4 + 3 * self.segments)
        limits = {"index": MIB + 512 * (p["parameters"]["segmentBytes"] // p["parameters"]["chunkBytes"])}
        limits.update({name: MIB for name in HEAD})                                             # [LIM-8] [LIM-20]
        for i in range(len(self.state)):
            name = listed_name(i, self.segments)
            member = self.b.members.get(name)
            if member is None:
                self.state[i] = MISSING
                report.fail("V-5", f"{name} is missing", name)
            else:
                self.state[i] = UNREADABLE
                with self.reading(name, "V-5"), Reader(self.b, name) as reader:
                    self.state[i] = GOOD if reader.rest() == self.listed(name) else DAMAGED
                    if self.state[i]: report.fail("V-5", f"{name} does not have its digest", name)
                    if member.crc is not None and reader.crc != member.crc:
                        report.fail("V-5", f"ZIP-6: CRC-32 of {name}", name)
                    if self.opens and member.length > limits.get(name.split("/")[0], member.length):
                        self.state[i] = DAMAGED
                        report.fail("V-5", f"{name} is longer than its limit", name)
            if self.state[i] and not (self.opens and name.startswith("payload/")):
                self.range(name, CAUSES[self.state[i]], 0, member.length if member else 0)          # [VER-11] (a) (c)

    @contextlib.contextmanager
    def reading(self, name, step):
        """An error of input and output never fails a step."""
        try: yield
        except OSError as error:
            self.report.unstable.add(name)
            self.report.cannot(step, f"{name}: {error}")

    def range(self, name, cause, offset, length, frame=None):
        self.ranges.append({"cause": cause, "frame": frame, "len": length, "member": name, "offset": offset})

    def settle(self, reader, name):
        """Reads on to the end, and sees whether a member that had its digest still has it."""
        with self.reading(name, "V-8"):
            if reader.rest() != self.listed(name) and self.is_good(name):
                raise OSError("other bytes than at the first reading")

    # ------------------------------------------------------------------ V-6

    def load_index(self, s):
        """The index part of a segment, or None if it is lost. [VER-9]"""
        name = part_names(s)[2]
        if not self.is_good(name): return None
        try:
            with self.reading(name, "V-6"), Reader(self.b, name) as reader:
                raw = reader.read(reader.member.length)
                if sha256(raw) != self.listed(name): raise OSError("other bytes than at the first reading")
                return Index(raw, self.statement["parameters"])
        except Bad as error: self.report.fail("V-6", f"{name}: {error}", name)

    def check_index_parts(self):
        self.report.passed.add("V-6")
        C, self.starts, offset = self.statement["parameters"]["chunkBytes"], [], 0
        for s in range(self.segments):
            index, names = self.load_index(s), part_names(s)
            self.starts.append(index and (index.tar_offset, index.plain, index.first_entry, index.skip, index.lines))
            if not index:
                offset = None
                if not self.is_good(names[0]):
                    length = self.b.members[names[0]].length if names[0] in self.b.members else 0
                    self.range(names[0], CAUSES[self.state[self.place(names[0])]], 0, length)       # [VER-11] (a)
                continue
            length = self.b.members[names[0]].length if self.is_good(names[0]) else index.stored
            wrong = [("IDX-1: segment", index.segment == s), ("IDX-4: stored_len", index.stored == length),
                     ("IDX-1: tar_offset", offset in (None, index.tar_offset)),
                     ("IDX-2: payload_chain", index.chain == max(1, -(-length // C)) or not self.is_good(names[0]))]
            for text, good in wrong:
                if not good: self.report.fail("V-6", f"{names[2]}: {text}", *names)
            offset = index.tar_offset + index.plain

    # ------------------------------------------------------------------ V-7, V-11

    def cut_frames(self, reader):
        """[CUT-8] The plain text of manifest part or sums, frame by frame; Bad at a frame that is not sound."""
        F, first = self.statement["parameters"]["frameBytes"], True
        while first or not reader.ended():
            frame = scan_frame(reader.read, F + 4 * MIB)
            need(frame[1] <= F and (frame[1] == F or reader.ended()) and (frame[1] or first), "CUT-8: size of a frame")
            data = decode_frames([frame])[0]
            need(data is not None, "ZST-1: a frame does not decode")
            first = False
            yield data

    def lines(self, s, note=lambda text: None):
        """(line, entry) for each line of a manifest part, entry None if it is passed over; at last (None, BROKEN)
        if the part cannot be read to its end. [VER-9]"""
        name, p = part_names(s)[1], self.statement["parameters"]
        if not self.is_good(name):
            if not (self.starts[s] and self.starts[s][4] == 0): yield None, BROKEN
            return
        count, buffer, good = 0, bytearray(), False
        with self.reading(name, "V-7"), Reader(self.b, name) as reader:
            try:
                for data in self.cut_frames(reader):
                    at = 0
                    while at < len(data):
                        end = data.find(b"\n", at)
                        buffer += data[at:end if end >= 0 else len(data)]
                        need(len(buffer) <= 64 * MIB, "LIM-9: a line is too long")
                        at = end + 1 if end >= 0 else len(data)
                        if end >= 0:
                            count += 1
                            need(count <= 65536, "CUT-4: too many lines")
                            raw, entry = bytes(buffer), None
                            buffer.clear()
                            try:
                                need(count <= p["entriesPerSegment"], "CUT-4: more than E lines")
                                entry = Entry(raw, p)
                            except Bad as error: note(f"line {count}: {error}")
                            yield raw, entry
                need(not buffer, "MAN-1: no LF at the end")
                good = True
            except Bad as error: note(str(error))
            self.settle(reader, name)
        if not good: yield None, BROKEN

    def sums_frames(self):
        """The plain bytes of SHA256SUMS.zst; False at last if they cannot be read to their end."""
        name = "SHA256SUMS.zst"
        with self.reading(name, "V-11"), Reader(self.b, name) as reader:
            try:
                yield from self.cut_frames(reader)
                good = True
            except Bad as error:
                self.report.fail("V-11", f"{name}: {error}", name)
                good = False
            self.settle(reader, name)
            if good: return
        yield False

    def compare_sums(self, expected):
        """[SUM-1] Compares the next bytes of SHA256SUMS.zst; b"": it must end here; None: the rest cannot be told."""
        while self.sums is not None and (expected is None or len(self.sums) - self.sums_at < max(len(expected), 1)):
            data = next(self.sums_source, None)
            if data is None: break
            self.sums, self.sums_at = None if data is False else self.sums[self.sums_at:] + data, 0
            if expected is None and data is not False: self.sums = b""
        if self.sums is not None and expected is not None:
            end = self.sums_at + max(len(expected), 1)
            if self.sums[self.sums_at:end] != expected:
                self.report.fail("V-11", "SUM-1: SHA256SUMS.zst is not that of the manifest", "SHA256SUMS", "manifest/")
                self.sums = None
            self.sums_at = end

    def check_manifest(self):
        report, p = self.report, self.statement
        report.passed.add("V-7")
        counts = dict.fromkeys(p["counts"], 0)
        counts.update(segments=self.segments, tarBytes=1024)
        root, complete = Tree(), True
        targets, tops, top_names, before, self.parts = {}, set(), [], None, {}
        self.sums, self.sums_at, self.sums_source = None, 0, self.sums_frames()
        if self.is_good("SHA256SUMS.zst"):
            report.passed.add("V-11")
            self.sums = b""
        for s in range(self.segments):
            name, info = part_names(s)[1], {"lines": 0, "length": 0, "first": None, "last": None, "good": True}
            def note(text): report.fail("V-8" if "CUT-4" in text else "V-7", f"{name}: {text}", name)
            for raw, entry in self.lines(s, note):
                if entry is None or entry is BROKEN:
                    complete = info["good"] = False
                    info["lines"], before = info["lines"] + (entry is None), None
                    continue
                info["lines"] += 1
                info["length"] += entry.length
                info["first"], info["last"] = info["first"] or (entry.n, entry.content), entry.n
                root.add(raw)
                if complete and entry.n != root.leaves - 1 or before and entry.n != before[0] + 1:
                    report.fail("V-7", f"MAN-1: {name}: number of entry {entry.n}", name)
                self.check_order(entry, before, tops, top_names, name)
                before = entry.n, entry.path, entry.kind, before and before[3] or entry.path == b"."
                self.check_link(entry, targets, complete, name)
                counts["entries"] += 1
                counts["tarBytes"] += entry.length
                counts["changed"] += "changed_while_reading" in entry.fields
                counts["unreadable"] += entry.lost
                if entry.own:
                    counts["files"] += 1
                    counts["bytes"] += entry.size
                    counts["gaps"] += len(entry.gaps)
                    counts["gapBytes"] += sum(b - a for a, b in entry.gaps)
                if entry.sha256 and complete:
                    path = entry.path.replace(b"\\", b"\\\\").replace(b"\n", b"\\n").replace(b"\r", b"\\r")
                    self.compare_sums(b"\\" * (path != entry.path) + entry.sha256.hex().encode() + b"  "
                                      + (b"./-" if path == b"-" else path) + b"\n")
            if self.starts[s] and info["good"] and self.starts[s][4] != info["lines"]:
                report.fail("V-7", f"{name}: not the number of lines that the index states", *part_names(s))
            if not self.starts[s]: self.parts[s] = info        # needed to find where the segment begins [VER-4]
        if complete:
            if root.head().hex() != p["root"]: report.fail("V-7", "the root is not that of the manifest", "manifest/")
            for key in counts:
                if counts[key] != p["counts"][key]:
                    report.fail("V-7", f"counts: {key}: {p['counts'][key]}, in the manifest {counts[key]}", "manifest/")
            if self.names is not None and self.names != top_names:
                report.fail("V-7", "CASE-2: sources are not the top-level entries", "manifest/")
        self.compare_sums(b"" if complete else None)
        if self.names is None or not complete:
            report.cannot("V-7", "CASE-2: without the signed case, or without the whole manifest")
        forms = {"mimetype": lambda raw: raw == MIMETYPE, "nonce": lambda raw: re.fullmatch(b"[0-9a-f]{64}\n", raw),
                 "VERIFY.txt": lambda raw: sha256(raw).hex() == VERIFY_TXT_SHA256}
        for name, form in forms.items():
            raw = self.read(name, MIB, "V-11") if self.is_good(name) else None
            if raw is not None and sha256(raw) != self.listed(name): report.unstable.add(name)
            if raw is not None and not form(raw): report.fail("V-11", f"content of {name}", name)

    def check_order(self, entry, before, tops, top_names, name):
        """[ORD-1] to [ORD-3], against the entry before, if that is known."""
        def wrong(text):
            self.report.fail("V-7", f"{text}: entry {entry.n}", name)
        path = entry.path.split(b"/")
        in_root = bool(before and before[3])      # everything is below the entry `.`
        if entry.path == b"." and entry.n != 0: wrong("ORD-3: `.`")
        if not in_root and len(path) == 1:
            digest = sha256(path[0])[:16]
            if digest in tops or len(tops) >= 65536: wrong("ORD-1, LIM-18: top-level entries")
            else:
                tops.add(digest)
                if self.names is not None and len(top_names) <= len(self.names): top_names.append(path[0])
        if before is None:
            if entry.n == 0 and len(path) > 1: wrong("ORD-1: no directory for it")
            return
        last = [] if before[1] == b"." else before[1].split(b"/")
        parent = len(path) - 1
        if path[:parent] != last[:parent] or (len(last) == parent and before[2] != "dir" and (parent or in_root)):
            wrong("ORD-2: not below the directory before")
        elif len(last) > parent and (parent or in_root) and path[parent] <= last[parent]:
            wrong("ORD-2: children not in order")

    def check_link(self, entry, targets, complete, name):
        """[MAN-5] Hard links equal their targets; only digests of those that can be targets are held."""
        fields = entry.fields
        if not entry.hard:
            if "nlink" in fields: targets[sha256(entry.path)] = entry.link_target()
            return
        wanted = targets.get(sha256(fields["hard_link"]))
        if wanted != entry.link_target() and (wanted or complete):
            self.report.fail("V-10", f"MAN-5: hard link {entry.n} is not as its target", name)

    # ------------------------------------------------------------------ V-8, V-9, V-10

    def check_content(self):
        self.report.passed |= {"V-8", "V-9", "V-10"}
        self.ahead, self.open, self.expected = None, None, (0, 0)
        for s in range(self.segments): self.check_segment(s)
        if self.entries and not self.report.failures and not self.report.untold:
            self.report.fail("V-10", "content is not proven in full")

    def table_frames(self, s, index, reader):
        """[VER-11] (b) The frames of the table: (plain bytes or None, plain bytes that there are or should be)."""
        name, offset, batch, report = part_names(s)[0], 0, [], self.report
        most = self.statement["parameters"]["frameBytes"] + 4 * MIB                                     # [LIM-15]

        def flush():
            plain = iter(decode_frames([frame for frame, *_ in batch if frame]))
            for frame, cause, i, place, stored, length in batch:
                data = next(plain) if frame else None
                if data is None:
                    cause = cause or "undecodable"
                    self.range(name, cause, place, stored, i)
                    if cause == "unreadable": report.cannot("V-8", f"{name}: frame {i} cannot be read")
                    else: report.fail("V-8", f"{name}: frame {i} is {cause}", name, part_names(s)[2])
                elif len(data) != length: report.fail("V-8", f"{name}: plain_len of frame {i}", name, part_names(s)[2])
                yield data, length if data is None else len(data)
            batch.clear()
        for i in range(index.frames):
            stored, length, digest = index.frame(i)
            frame, cause = None, None
            try:
                if reader is None or reader.member.length < offset + stored:
                    cause = "unreadable" if reader is None and name in self.b.members else "missing"
                else:
                    sha, left, raw = hashlib.sha256(), stored, b""
                    while left:
                        raw = reader.read(min(left, (most * 9 >> 3) + 65536))
                        left -= len(raw)
                        sha.update(raw)
                    if sha.digest() != digest: cause = "damaged"
                    elif len(raw) == stored:
                        stream = io.BytesIO(raw)
                        frame = scan_frame(stream.read, most)
                        if stream.tell() != stored: frame, cause = None, "undecodable"
            except OSError:
                cause = "unreadable"
                reader.buffer, reader.at = b"", min(offset + stored, reader.member.length)
            except Bad: cause = "undecodable"
            batch.append((frame, None if frame else cause or "undecodable", i, offset, stored, length))
            offset += stored
            if sum(item[0][1] + item[4] for item in batch if item[0]) > 4 * MIB or len(batch) >= 256: yield from flush()
        yield from flush()
        if reader and not self.is_good(name) and reader.member.length > offset:
            self.range(name, CAUSES[self.state[self.place(name)]], offset, reader.member.length - offset)

    def loose_frames(self, s, reader):
        """[VER-4] The frames of a payload member without index part, up to one that is not sound."""
        p, name, count = self.statement["parameters"], part_names(s)[0], 0
        try:
            while not reader.ended():
                count += 1
                need(count <= 2 * p["segmentBytes"] // p["frameBytes"] + 2, "IDX-5: too many frames")
                with self.reading(name, "V-8"): frame = scan_frame(reader.read, p["frameBytes"] + 4 * MIB)
                if name in self.report.unstable: return
                data = decode_frames([frame])[0]
                need(data is not None, "ZST-1: a frame does not decode")
                yield data, len(data)
        except Bad as error: self.report.fail("V-8", f"{name}: {error}", name)

    def begins(self, s):
        """(entry, skip) with which a segment begins, or None if that cannot be told. [VER-4] [VER-10]"""
        if self.starts[s]: return self.starts[s][2:4]
        part, p = self.parts[s], self.statement
        if s == 0: return 0, 0
        if part["good"] and part["first"] and part["first"][1] < p["parameters"]["frameBytes"]:
            return part["first"][0], 0
        earlier = self.starts[s - 1]
        if s + 1 < self.segments:
            later = self.starts[s + 1]
            record, entry = later and later[0] - later[3], later and later[2]
        else: later, record, entry = True, p["counts"]["tarBytes"] - 1024, p["counts"]["entries"]
        if not earlier or not later or not part["good"] or (part["first"] and part["last"] + 1 != entry): return None
        return part["first"][0] if part["first"] else entry, earlier[0] + earlier[1] - (record - part["length"])

    def next_line(self, s):
        """[VER-10] (segment, entry) of the first line behind segment s; entry None if unknown, END if there is none."""
        if not self.ahead or self.ahead[0] <= s:
            t, entry = s + 1, END
            while t < self.segments:
                first = next(self.lines(t), None)
                if first:
                    entry = first[1] if first[1] is not BROKEN else None
                    break
                t += 1
            self.ahead = t, entry
        return self.ahead

    def check_segment(self, s):
        names, index, chain = part_names(s), self.load_index(s), None
        good = self.is_good(names[0])
        reader = None
        if names[0] in self.b.members and (index or good):
            chain = PayloadChain(self, s, index) if index and good else None
            with self.reading(names[0], "V-8"): reader = Reader(self.b, names[0], chain and chain.feed)
        frames = self.table_frames(s, index, reader) if index else self.loose_frames(s, reader) if reader else iter(())
        plain = Plain(frames)
        self.follow(s, index, plain, self.begins(s) if index or reader else None)
        while plain.more():     # what is not followed is still decoded
            plain.left = 0
        if reader:
            with reader:
                if good: self.settle(reader, names[0])
            if chain and names[0] not in self.report.unstable: chain.end()

    def follow(self, s, index, plain, start):
        """[VER-10] The entries of a segment, one after another."""
        p, names, cuts = self.statement["parameters"], part_names(s), Cuts(self.statement["parameters"])
        fail = lambda step, text: self.report.fail(step, f"segment {s}: {text}", *names)
        on, first, last_n, trouble, at = start is not None, True, None, start is None, 0
        if start and self.expected and start != self.expected:
            fail("V-6", f"IDX-1: begins with {start}, not {self.expected}")
        for raw, entry in self.lines(s):
            if entry is None or entry is BROKEN:
                on, trouble, first = False, True, False
                continue
            track = self.open if first and self.open and self.open.segment == s else Track(entry, s)
            if on:
                if first and entry.n != start[0]: fail("V-6", "IDX-1: first_entry is not the first line")
                at = self.follow_entry(entry, track, start[1] if first else 0, plain, cuts, index, fail)
                on = at is not None
                if on and at < entry.length:
                    fail("V-9", f"the tar ends within entry {entry.n}, whose line is here")
                    trouble = True
                cuts.lines += 1
            self.close_entry(track, names)
            first, last_n = False, entry.n
        if self.open and self.open.segment <= s: self.open = None
        position = None
        if on and s == self.segments - 1:
            if cuts.ends_before(1024): fail("V-8", "CUT-4: the end marker should be in another segment")
            cuts.add(1024, True)
            if first and start != (self.statement["counts"]["entries"], 0):
                fail("V-6", "IDX-1: only the end marker is here")
            done = 0
            while done < 1024 and plain.more(): done += self.compare(plain, bytes(1024 - done), "end marker", fail)
            if done < 1024 or plain.more():
                fail("V-9", "TAR: the end marker, or more or fewer bytes than the manifest tells")
        elif on:
            t, entry = self.next_line(s)
            n = last_n + 1 if last_n is not None else start[0]
            if entry not in (None, END) and entry.n == n:
                at = start[1] if first else 0
                if plain.more():
                    self.open = self.open or Track(entry, t)
                    at = self.follow_entry(entry, self.open, at, plain, cuts, index, fail)
                if at is not None:
                    unit = entry.unit(at, p["frameBytes"])
                    if at and not unit or not cuts.ends_before(unit, entry, at == 0):
                        fail("V-8", "CUT-4: the segment ends where no rule ends it")
                    position = (n, at)
            elif entry is END:
                position = (n, 0)
                if not cuts.ends_before(1024): fail("V-8", "CUT-4: the segment ends where no rule ends it")
            trouble = trouble or position is None
            if plain.more() and not trouble: fail("V-9", "more bytes than the manifest tells")
        self.expected = position if on and not trouble else None
        if index and not trouble and on:
            if index.next != len(index.raw): fail("V-6", "IDX-2: files has an item that no entry needs")
        wanted = cuts.frames + [cuts.frame]
        if on and not trouble:
            if wanted != plain.lengths: fail("V-8", "CUT-5: sizes of frames are not those of the cuts")

    def compare(self, plain, expected, what, fail):
        """[V-9] Compares the next tar bytes, as far as they are to be had; the number of bytes passed."""
        size, data = plain.piece(len(expected))
        if data is not None and data != expected[:size]: fail("V-9", f"the tar differs from the manifest: {what}")
        return size

    def follow_entry(self, entry, track, at, plain, cuts, index, fail):
        """The tar record from `at` on, unit by unit: where it ends in this segment, None if no unit begins at `at`."""
        F, head = self.statement["parameters"]["frameBytes"], entry.header_length
        if not entry.in_tar:
            if cuts.ends_before(0, entry, True): fail("V-8", f"CUT-4: entry {entry.n} should be in another segment")
            return None if at else 0
        if at < 0 or not entry.unit(at, F): return fail("V-6", f"IDX-1: no unit of entry {entry.n} begins at {at}")
        if not entry.says_of_xattrs_rightly: fail("V-7", f"TAR-6: xattrs_not_in_tar of entry {entry.n}")
        header = entry.header() if at < head else b""
        content = Content(self, entry, track, index, max(at - head, 0), fail)
        while at < entry.length and plain.more():
            unit = entry.unit(at, F)
            if cuts.ends_before(unit, entry, at == 0):
                fail("V-8", f"CUT-4: entry {entry.n} should be in another segment")
            cuts.add(unit)
            end = at + unit
            while at < end and plain.more():
                if at < head: at += self.compare(plain, header[at:min(head, end)], f"header of entry {entry.n}", fail)
                elif at < head + entry.content:
                    size, data = plain.piece(min(end, head + entry.content) - at)
                    content.feed(size, data)
                    at += size
                else: at += self.compare(plain, bytes(end - at), f"padding of entry {entry.n}", fail)
            if at < end: fail("V-8", f"the frames end within entry {entry.n}")
        content.end()
        return at

    def close_entry(self, track, names):
        """[VER-12] The line of the entry was met: what is proven of it, and its chunks_root."""
        entry = track.entry
        if not entry.own: return
        if entry.chunks_root and track.whole_root and track.tree.leaves == -(
                -entry.size // self.statement["parameters"]["chunkBytes"]) and track.tree.head() != entry.chunks_root:
            self.report.fail("V-10", f"CHK-1: chunks_root of entry {entry.n}", *names)
        lost = track.lost()
        if lost:
            found = {"lost": lost, "path": entry.path.decode("utf-8", "replace"), "size": entry.size,
                     "proven_bytes": entry.size - sum(b - a for a, b in lost)}
            if found["path"].encode() != entry.path: found["path_b64"] = base64.b64encode(entry.path).decode()
            self.entries.append(found)

    # ------------------------------------------------------------------ V-12

    def check_trust(self):
        if not self.statement: return self.report.cannot("V-12", "without a statement")
        self.report.passed.add("V-12")
        signers = self.statement["requiredSigners"]
        if len({k["keyid"] for k in signers["keys"]} & self.valid & set(self.trusted)) < signers["threshold"]:
            self.report.fail("V-12", "too few valid signatures by required keys that the user trusts")

class PayloadChain:
    """[CHN-1] [CHN-2] The intervals of a payload member."""
    def __init__(self, verifier, s, index):
        self.v, self.s, self.index, self.buffer, self.i = verifier, s, index, bytearray(), 0
        self.C = verifier.statement["parameters"]["chunkBytes"]
        self.length = verifier.b.members[part_names(s)[0]].length
        self.good = index.chain == max(1, -(-self.length // self.C))
        if self.good and index.value(index.chain_at, 0) != SHA256_START: self.fail()

    def fail(self):
        self.v.report.fail("V-10", f"segment {self.s}: payload interval {self.i}", *part_names(self.s))

    def feed(self, data):
        if not self.good: return
        self.buffer += data
        while len(self.buffer) >= self.C and self.i + 1 < self.index.chain:
            self.check(interval_end(self.index.value(self.index.chain_at, self.i), bytes(self.buffer[:self.C])),
                       self.index.value(self.index.chain_at, self.i + 1))
            del self.buffer[:self.C]
            self.i += 1

    def check(self, found, wanted):
        if found != wanted: self.fail()

    def end(self):
        if self.good:
            self.check(interval_end(self.index.value(self.index.chain_at, self.i), bytes(self.buffer), self.length),
                       self.v.listed(part_names(self.s)[0]))

class Content:
    """The content of one entry in one segment: digests, intervals, zeros. [VER-12] [V-9] [V-10]"""
    def __init__(self, verifier, entry, track, index, start, fail):
        self.entry, self.track, self.index, self.start, self.at, self.fail = entry, track, index, start, start, fail
        self.C, self.item, self.taken = verifier.statement["parameters"]["chunkBytes"], None, False
        self.whole, self.sha, self.chunk, self.chunk_good = start == 0, hashlib.sha256(), bytearray(), True
        self.zeros = [[regions, bisect.bisect_right(regions, (start, 1 << 62)) - 1]
                      for regions in (entry.holes, entry.gaps) if regions]

    def feed(self, size, data):
        entry = self.entry
        if self.at == self.start: self.track.begin(self.start)
        if entry.chunks_root and not self.taken: self.take()
        if data is not None: self.check_zeros(size, data)
        if not self.item:
            self.whole = self.whole and data is not None
            if self.whole: self.sha.update(data)
        while self.item and size:
            part = min(size, self.C - self.at % self.C, entry.size - self.at)
            self.chunk_good = self.chunk_good and data is not None
            if self.chunk_good:
                self.chunk += data[:part]
                data = data[part:]
            elif data is not None: data = data[part:]
            self.at, size = self.at + part, size - part
            if self.at % self.C == 0 or self.at == entry.size: self.end_chunk()
        self.at += size
        self.track.reached = self.at

    def check_zeros(self, size, data):
        for state in self.zeros:
            regions, i = state
            i = max(i, 0)
            while i < len(regions) and regions[i][0] < self.at + size:
                a, b = max(regions[i][0] - self.at, 0), min(regions[i][1] - self.at, size)
                if a < b and data[a:b] != bytes(b - a):
                    self.fail("V-9", f"a hole or gap of entry {self.entry.n} is not zeros")
                if regions[i][1] > self.at + size: break
                i += 1
            state[1] = i

    def take(self):
        """[VER-12] (b) The item of `files` for this entry, if it is the next."""
        self.taken, index, track = True, self.index, self.track
        if not index:
            track.whole_root = False
            return
        item = index.item(index.next) if index.next < len(index.raw) else None
        if not item or item[0] != self.entry.n:
            track.whole_root = False
            return self.fail("V-6", f"IDX-2: files has no item for entry {self.entry.n} in its place")
        index.next, self.item = item[-1], item
        _, first, blind, self.digests_at, self.digests, self.chain_at, self.chain, _ = item
        if first != self.start // self.C or self.chain != (self.digests if self.entry.sha256 else 0) or (
                track.blind not in (None, blind)):
            self.fail("V-6", f"IDX-1, IDX-4: first chunk, blind or chain values of entry {self.entry.n}")
        track.blind = blind
        if track.tree.leaves == first:
            for j in range(self.digests):
                mask = hmac.digest(blind, struct.pack("<Q", first + j), "sha256")[:16]                  # [CHK-1]
                track.tree.add(mask + index.value(self.digests_at, j))
        else: track.whole_root = False

    def end_chunk(self):
        number = (self.at - 1) // self.C
        j, chunk, start = number - self.start // self.C, bytes(self.chunk), number * self.C
        carry, self.track.carry = self.track.carry, None
        good, self.chunk_good = self.chunk_good, True
        self.chunk.clear()
        if j < self.chain:
            here = self.index.value(self.chain_at, j)
            if number == 0 and here != SHA256_START:
                self.fail("V-10", f"CHN-2: first chain value of entry {self.entry.n}")
            if carry and carry[0] == number and carry[1] != here:
                self.fail("V-10", f"CHN-1: interval {number - 1} of entry {self.entry.n}")
        if not good or len(chunk) != self.at - start: return
        if j < self.digests and sha256(chunk) == self.index.value(self.digests_at, j): self.track.prove(start, self.at)
        else: self.fail("V-10", f"chunk {number} of entry {self.entry.n}")
        if j < self.chain:
            last = self.at == self.entry.size
            end = interval_end(here, chunk, self.at if last else None)
            if last and end != self.entry.sha256: self.fail("V-10", f"CHN-1: last interval of entry {self.entry.n}")
            self.track.carry = (number + 1, end)

    def end(self):
        entry, track = self.entry, self.track
        if self.item:
            if self.digests != -(-self.at // self.C) - self.start // self.C:
                self.fail("V-6", f"IDX-1: number of digests of entry {entry.n}")
        elif self.whole and self.at == entry.content and entry.own and entry.sha256:
            if self.sha.digest() == entry.sha256:                                               # [VER-12] (a) (c)
                if entry.size: track.prove(0, entry.size)
            else: self.fail("V-10", f"sha256 of entry {entry.n}")

# ---------------------------------------------------------------------- verdict and report (VER-1, section 20)

def is_bundle(path):
    if os.path.isdir(path):
        return any(os.path.isfile(os.path.join(path, name)) for name in ("mimetype", "statement.json"))
    if not stat.S_ISREG(os.stat(path).st_mode): return False
    with open(path, "rb") as file:
        start, size = file.read(54), file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 65557))
        return start[:4] == b"PK\3\4" or start[38:] == MIMETYPE[:16] or b"PK\5\6" in file.read(65557)

def verify(path, signers=(), fixity=False, strict=False):
    """The report on a bundle, as CONF-3 says. `signers` are names of PEM files."""
    result = {"level": 1, "verdict": None, "exit": 3, "seal_digest": None, "areas": None, "failed": [],
              "damage": {"entries": [], "ranges": []}, "findings": [], "cannot_be_told": []}
    trusted = {sha256(spki).hex(): spki for spki in map(read_signer, signers)}
    try:
        if not is_bundle(path): return {**result, "findings": ["this is not a bundle"]}
    except OSError as error: return {**result, "verdict": "could not check", "exit": 2, "cannot_be_told": [str(error)]}
    bundle = None
    try:
        bundle = Bundle(path)
        verifier = Verifier(bundle, trusted, fixity)
        verifier.run()
    except Exception as error:      # also a mistake of this program's: what it did not come to the end of is not checked
        return {**result, "verdict": "could not check", "exit": 2, "cannot_be_told": [f"{type(error).__name__}: {error}"]}
    finally:
        if bundle: bundle.close()
    report, counts = verifier.report, verifier.statement["counts"] if verifier.statement else {}
    areas = {area: report.area(steps) for area, steps in AREAS.items()}
    for area, prefix in (("custody", "custody/"), ("time", "timestamps/")):                             # [CONF-1]
        there = any(name.startswith(prefix) for name in bundle.members)
        areas[area] = "cannot be told" if there else "not checked"
    decisive = [areas["seal"], areas["content"]]
    recorded = {key: counts.get(key) for key in ("gaps", "gapBytes", "unreadable", "changed")}
    if "failed" in decisive: verdict = "refuted", 1
    elif "cannot be told" in decisive + [areas["trust"]]: verdict = "could not check", 2
    elif fixity: verdict = "fixity ok", 0
    elif areas["trust"] == "failed": verdict = "intact, not trusted", 4
    else: verdict = ("incomplete", 1) if strict and any(recorded.values()) else ("verified", 0)
    result.update(
        verdict=verdict[0], exit=verdict[1], seal_digest=verifier.seal_digest, areas=areas, failed=report.failed(),
        damage={"entries": verifier.entries, "ranges": verifier.ranges}, recorded=recorded,
        findings=[f"{step}: {text}" for step, of, text in report.texts if not report.spoilt(of)],
        cannot_be_told=[f"{step}: {why}" for step, why in report.untold.items()],
        foreign={"files": bundle.foreign, "envelopes": verifier.strangers})
    return result

def main(arguments):
    signers, flags, paths = [], set(), []
    arguments = iter(arguments)
    for argument in arguments:
        if argument == "--signer": signers.append(next(arguments, ""))
        elif argument in ("--fixity", "--strict", "--json"): flags.add(argument)
        else: paths.append(argument)
    try:
        if len(paths) != 1 or paths[0].startswith("--"): raise ValueError(__doc__.strip().splitlines()[-1].strip())
        result = verify(paths[0], signers, "--fixity" in flags, "--strict" in flags)
    except (ValueError, OSError) as error:
        print(f"usage: {error}", file=sys.stderr)
        result = {"level": 1, "verdict": None, "exit": 3, "seal_digest": None, "findings": [str(error)]}
    if "--json" in flags: print(json.dumps(result, indent=1, sort_keys=True))
    else:
        print(f"{result['verdict'] or 'not checked'}; seal digest {result['seal_digest']}")
        for area, value in sorted((result.get("areas") or {}).items()): print(f"  {area}: {value}")
        for text in result["findings"] + result.get("cannot_be_told", []): print("  " + ascii(text)[1:-1])
        for item in result.get("damage", {}).get("ranges", []):
            print("  damage: {member} at {offset}, {len} bytes, {cause}, frame {frame}".format(**item))
        for item in result.get("damage", {}).get("entries", []):
            print(f"  not proven: {item['path']!a} {item['lost']} of {item['size']} bytes")
    return result["exit"]

if __name__ == "__main__": sys.exit(main(sys.argv[1:]))
