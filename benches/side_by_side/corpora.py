"""The inputs: made of this system's own files, so that nothing is downloaded and sizes are real."""

import os
import pathlib
import shutil
import subprocess

SOURCES = [pathlib.Path("/usr/lib"), pathlib.Path("/usr/share")]
IMAGE_BYTES = 4 << 30
# What ext4 adds makes it about 0.74 GB.
IMAGE_CONTENT_BYTES = 530_000_000
RANDOM_BYTES = 4 << 30
PIECE_BYTES = 8 << 20


def regular_files(root):
    """Every regular file below, in the order of names, with its length."""
    for directory, directories, names in os.walk(root):
        directories.sort()
        for name in sorted(names):
            path = os.path.join(directory, name)
            if os.path.isfile(path) and not os.path.islink(path):
                yield path, os.path.getsize(path)


def copy_files(roots, target, bytes_max):
    """Copies regular files, but for those that would be too many bytes; files that cannot be read are left out."""
    total = 0
    for root in roots:
        for path, len_bytes in regular_files(root):
            if total + len_bytes > bytes_max:
                continue
            copy = os.path.join(target, os.path.relpath(path, root.parent))
            os.makedirs(os.path.dirname(copy), exist_ok=True)
            try:
                shutil.copy2(path, copy)
            except PermissionError:
                continue
            total += len_bytes


def make_tree(work, bytes_max):
    """Corpus A, `tree`."""
    copy_files(SOURCES, work / "tree", bytes_max)


def make_image(work):
    """Image B, `image`: an ext4 file system, mostly empty, that holds part of corpus A."""
    part = work / "part"
    copy_files([work / "tree" / source.name for source in SOURCES[::-1]], part, IMAGE_CONTENT_BYTES)
    with open(work / "image", "wb") as image:
        image.truncate(IMAGE_BYTES)
    subprocess.run(["mkfs.ext4", "-q", "-d", part, work / "image"], check=True)
    shutil.rmtree(part)


def facts(work):
    """What RESULTS.md says of the corpora."""
    lens = [len_bytes for _, len_bytes in regular_files(work / "tree")]
    image = os.stat(work / "image")
    return {
        "files": len(lens),
        "tree_gb": sum(lens) / 1e9,
        "allocated_gb": image.st_blocks * 512 / 1e9,
        "image_gib": image.st_size / (1 << 30),
    }


def make_random(work):
    """`random`: what neither compression nor a look for zeros makes shorter."""
    with open(work / "random", "wb") as out:
        for _ in range(RANDOM_BYTES // PIECE_BYTES):
            out.write(os.urandom(PIECE_BYTES))


def warm(path):
    """Reads everything once, so that all measurements find it in the page cache."""
    files = [(path, 0)] if os.path.isfile(path) else regular_files(path)
    for name, _ in files:
        with open(name, "rb", buffering=0) as file:
            while file.read(PIECE_BYTES):
                pass
    os.sync()
