"""What is measured, beside what, and what was promised of it (the goals)."""

from dataclasses import dataclass, field

from .measure import Row

MEMORY_MIB_MAX = 256
FILES = "find tree -type f -print0 | xargs -0"
NO_COMMAND = "this build of scelle has no such command"


@dataclass
class Goal:
    """A row against a limit: of the reference's time, of its size, or in seconds."""

    text: str
    row: str
    limit: float
    reference: str = ""
    of: str = "seconds"


@dataclass
class Group:
    """Rows that are measured in turn, compared with one of them."""

    title: str
    reference: str
    rows: list
    goals: list
    sizes: bool = False
    # What the rows need beside the corpora, and what is removed after them.
    needs: list = field(default_factory=list)


class Tools:
    """What this build of scelle can do, and where results go."""

    def __init__(self, out, help_of):
        self.out = out
        self.hash_missing = "" if "--chunks-only" in help_of("hash") else NO_COMMAND
        self.seal_missing = "" if "--chunks-only" in help_of("seal") else "this build of scelle has no such option"

    def writes(self, label, command, name):
        """A row that writes one file or directory; `OUT` in the command is its name."""
        return Row(label, command.replace("OUT", str(self.out / name)), out=self.out / name)

    def seal(self, label, source, options=""):
        return self.writes(label, f"scelle seal {options}--key key --case case.toml --out OUT {source}", "new.scelle")


def hash_tree(tools):
    rows = [
        Row("b3sum (BLAKE3), as people run it", f"{FILES} b3sum"),
        Row("b3sum (BLAKE3), two single-threaded processes", f"{FILES} -P2 -n 1000 b3sum --num-threads 1"),
        Row("openssl dgst, two processes", f"{FILES} -P2 -n 1000 openssl dgst -sha256"),
        Row("sha256sum, two processes", f"{FILES} -P2 -n 1000 sha256sum"),
        Row("hashdeep", "hashdeep -c sha256 -r tree"),
        Row("scelle hash", "scelle hash tree", missing=tools.hash_missing),
    ]
    goals = [
        Goal("no slower than b3sum as people run it", "scelle hash", 1, rows[0].label),
        Goal("stretch: no slower than its best arrangement", "scelle hash", 1, rows[1].label),
    ]
    return Group("Hash corpus A", rows[0].label, rows, goals, needs=["tree"])


def hash_chunks(tools):
    rows = [
        Row("openssl dgst", "openssl dgst -sha256 random"),
        Row("scelle hash --chunks-only", "scelle hash --chunks-only random", missing=tools.hash_missing),
    ]
    goal = Goal("3.5 times faster than openssl dgst", rows[1].label, 1 / 3.5, rows[0].label)
    return Group("Chunk digests only, 4 GiB of random bytes", rows[0].label, rows, [goal], needs=["random"])


def seal_tree(tools, slow):
    rows = [
        tools.writes("tar, zstd -3 -T2", "tar -cf - tree | zstd -3 -T2 -q -o OUT", "new.tar.zst"),
        tools.seal("scelle seal", "tree"),
    ]
    goals = [
        Goal("no slower than tar, zstd -3 -T2", "scelle seal", 1, rows[0].label),
        Goal("within 3 % of its size", "scelle seal", 1.03, rows[0].label, of="out_bytes"),
    ]
    if slow:
        restic = "export RESTIC_PASSWORD=x; restic -q --no-cache -r OUT init && restic -q --no-cache -r OUT backup tree"
        borg = "export BORG_BASE_DIR=borg; borg init -e none OUT && borg create -C zstd,3 OUT::a tree"
        rows += [tools.writes("restic backup", restic, "restic"), tools.writes("borg create", borg, "borg")]
    return Group("Seal corpus A", rows[0].label, rows, goals, sizes=True, needs=["tree"])


def seal_image(tools, slow):
    rows = [
        Row("openssl dgst", "openssl dgst -sha256 image"),
        tools.writes("zstd -3 -T2", "zstd -3 -T2 -q -o OUT image", "new.zst"),
        tools.seal("scelle seal", "image"),
        tools.seal("scelle seal, without the whole-file digest", "image", "--chunks-only "),
    ]
    rows[-1].missing = tools.seal_missing
    goals = [
        Goal("at most 1.05 of openssl dgst", "scelle seal", 1.05, "openssl dgst"),
        Goal("without the whole-file digest no slower than zstd", rows[-1].label, 1, "zstd -3 -T2"),
    ]
    if slow:
        # One segment file, no questions; all else as it is by default.
        ewf = "ewfacquire -u -q -d sha256 -c deflate:fast -S 8GiB -t OUT image"
        rows.append(tools.writes("ewfacquire", ewf, "new"))
    return Group("Seal image B", rows[0].label, rows, goals, sizes=True, needs=["image"])


def verify_tree(tools):
    rows = [
        Row("zstd -t of the same payload", f"zstd -t -q {tools.out}/tree.zst"),
        Row("scelle verify", f"scelle verify --signer key.pub {tools.out}/tree.scelle"),
        Row("scelle verify --fixity", f"scelle verify --signer key.pub --fixity {tools.out}/tree.scelle"),
    ]
    goals = [
        Goal("no slower than zstd -t", "scelle verify", 1, rows[0].label),
        Goal("stretch: 0.8 of it", "scelle verify", 0.8, rows[0].label),
    ]
    return Group("Verify corpus A", rows[0].label, rows, goals, needs=["tree.scelle"])


def verify_image(tools, slow):
    rows = [
        Row("openssl dgst of the image", "openssl dgst -sha256 image"),
        Row("scelle verify", f"scelle verify --signer key.pub {tools.out}/image.scelle"),
    ]
    goal = Goal("under 1.2 s (of a machine where openssl dgst takes about 2.0 s)", "scelle verify", 1.2)
    if slow:
        rows.append(Row("ewfverify", f"ewfverify -q -d sha256 {tools.out}/image.E01"))
    return Group("Verify image B", rows[0].label, rows, [goal], needs=["image", "image.scelle"])


def all_groups(tools, slow):
    """In the order in which they are measured."""
    return {
        "hash": hash_tree(tools),
        "chunks": hash_chunks(tools),
        "seal-tree": seal_tree(tools, slow),
        "seal-image": seal_image(tools, slow),
        "verify-tree": verify_tree(tools),
        "verify-image": verify_image(tools, slow),
    }
