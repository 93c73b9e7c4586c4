"""The other tools: installed if they are missing."""

import os
import re
import shutil
import subprocess
import sys

B3SUM_VERSION = "1.8.7"
# program: Debian package
PACKAGES = {
    "openssl": "openssl", "hashdeep": "hashdeep", "zstd": "zstd", "tar": "tar", "mkfs.ext4": "e2fsprogs",
    "xargs": "findutils", "time": "time",
}
SLOW_PACKAGES = {"restic": "restic", "borg": "borgbackup", "ewfacquire": "ewf-tools"}


def install(tools, slow):
    """Debian packages into the system if this is root; b3sum, which Debian has not, below `tools`."""
    wanted = PACKAGES | (SLOW_PACKAGES if slow else {})
    missing = sorted({package for program, package in wanted.items() if not shutil.which(program)})
    if missing and os.geteuid() != 0:
        sys.exit(f"error: missing: {' '.join(missing)}\nhint: run 'apt-get install {' '.join(missing)}' as root")
    if missing:
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "-qq", "update"], check=True, env=environment)
        command = ["apt-get", "-qq", "install", "-y", "--no-install-recommends", *missing]
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    b3sum = ["cargo", "install", "--quiet", "--locked", "b3sum", "--version", B3SUM_VERSION, "--root", tools]
    if not (tools / "bin/b3sum").exists():
        subprocess.run(b3sum, check=True)


def versions(slow):
    """What each tool says of its version."""
    commands = ["scelle --version", "b3sum --version", "openssl version", "sha256sum --version", "hashdeep -V",
                "zstd --version", "tar --version"]
    if slow:
        commands += ["restic version", "borg --version", "ewfacquire -V"]
    return [f"{command.split()[0]} {version(command.split())}" for command in commands]


def version(command):
    done = subprocess.run(command, capture_output=True, text=True)
    found = re.search(r"\d{8}|\d+(\.\d+)+", done.stdout + done.stderr)
    return found.group() if found else "of unknown version"
