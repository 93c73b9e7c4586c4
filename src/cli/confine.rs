//! Confinement: a bundle may be made to attack whoever opens it. Before its first byte is parsed this process gives up what
//! it will not need, so that even a fault of this program would not give the attacker the machine.
//!
//! Landlock takes away the files (all but the bundle, and where to restore to), the network and signals to others; a seccomp
//! filter takes away system calls that no reader of bundles makes: other programs, the network, mounts, tracing, the kernel's
//! own machinery. Both hold for every thread that starts later, and cannot be undone. Where a kernel has neither, the work
//! is done without.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible as _, PathBeneath, PathFd, Ruleset,
    RulesetAttr as _, RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope,
};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};

/// The newest rules of Landlock that are asked for; older kernels enforce what they know of them.
const LANDLOCK: ABI = ABI::V6;

/// What this process can still do.
#[derive(Debug)]
pub(super) struct Confinement {
    files: RulesetStatus,
    has_filter: bool,
}

impl Confinement {
    /// Keeps reading below `read`, and everything below `write`.
    pub(super) fn enter(read: &[PathBuf], write: &[&Path]) -> Self {
        // Without an error either: that is what an old kernel, or one without them, is like.
        let files = keep_files(read, write).unwrap_or(RulesetStatus::NotEnforced);
        Self { files, has_filter: take_calls(write.is_empty()).is_some() }
    }

    /// Keeps less of the files. What the system calls are is settled.
    pub(super) fn narrow(read: &[PathBuf], write: &[&Path]) {
        // What a kernel does not have was told when it was entered.
        let _ = keep_files(read, write);
    }
}

impl fmt::Display for Confinement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.files {
            RulesetStatus::FullyEnforced => "files and network by Landlock",
            RulesetStatus::PartiallyEnforced => "files by Landlock, as far as this kernel has it",
            RulesetStatus::NotEnforced => "not by Landlock, which this kernel does not have",
        })?;
        f.write_str(match self.has_filter {
            true => "; system calls by seccomp",
            false => "; not by seccomp, which this kernel does not have",
        })
    }
}

fn keep_files(read: &[PathBuf], write: &[&Path]) -> Result<RulesetStatus, RulesetError> {
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(LANDLOCK))?
        .handle_access(AccessNet::from_all(LANDLOCK))?
        .scope(Scope::from_all(LANDLOCK))?
        .create()?;
    let all = AccessFs::from_all(LANDLOCK) & !AccessFs::Execute;
    let kept = read.iter().map(|path| (path.as_path(), AccessFs::ReadFile | AccessFs::ReadDir));
    for (path, access) in kept.chain(write.iter().map(|path| (*path, all))) {
        // What cannot be opened here is told by whoever needs it.
        let Ok(handle) = PathFd::new(path) else { continue };
        let access: BitFlags<AccessFs> = if path.is_dir() { access } else { access & AccessFs::from_file(LANDLOCK) };
        rules = rules.add_rule(PathBeneath::new(handle, access))?;
    }
    Ok(rules.restrict_self()?.ruleset)
}

/// Takes system calls away, from all threads; with `reads_only` also those that change metadata, which Landlock does not know of.
/// `None` where that cannot be.
fn take_calls(reads_only: bool) -> Option<()> {
    // In this order: the second filter also forbids to add filters.
    install(&[(libc::SYS_clone3, Vec::new())], libc::ENOSYS)?;
    // A new process; threads are needed. `clone3` hides its flags from filters, and the C library takes `clone` without it.
    let thread = u64::try_from(libc::CLONE_THREAD).ok()?;
    let new_process = SeccompCondition::new(0, SeccompCmpArgLen::Qword, SeccompCmpOp::MaskedEq(thread), 0).ok()?;
    let metadata = if reads_only { METADATA } else { &[] };
    let forbidden = FORBIDDEN.iter().chain(OF_THIS_MACHINE).chain(metadata);
    let mut rules: Vec<_> = forbidden.map(|call| (*call, Vec::new())).collect();
    // Input for whoever reads the terminal after this process: the shell.
    let input = [libc::TIOCSTI, libc::TIOCLINUX].map(|request| {
        let condition = SeccompCondition::new(1, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, request).ok()?;
        SeccompRule::new(vec![condition]).ok()
    });
    rules.push((libc::SYS_ioctl, input.into_iter().collect::<Option<_>>()?));
    rules.push((libc::SYS_clone, vec![SeccompRule::new(vec![new_process]).ok()?]));
    install(&rules, libc::EPERM)
}

fn install(rules: &[(i64, Vec<SeccompRule>)], errno: i32) -> Option<()> {
    let rules: BTreeMap<_, _> = rules.iter().cloned().collect();
    let action = SeccompAction::Errno(u32::try_from(errno).ok()?);
    let machine = std::env::consts::ARCH.try_into().ok()?;
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, action, machine).ok()?;
    let program: BpfProgram = filter.try_into().ok()?;
    seccompiler::apply_filter_all_threads(&program).ok()
}

/// What no reader of bundles calls.
const FORBIDDEN: &[i64] = &[
    // Other programs and processes.
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_kill,
    libc::SYS_tkill,
    libc::SYS_rt_sigqueueinfo,
    // The network, and other channels to processes.
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_sendto,
    libc::SYS_sendmsg,
    libc::SYS_sendmmsg,
    libc::SYS_recvfrom,
    libc::SYS_recvmsg,
    libc::SYS_recvmmsg,
    libc::SYS_shmget,
    libc::SYS_shmat,
    libc::SYS_msgget,
    libc::SYS_semget,
    libc::SYS_mq_open,
    libc::SYS_memfd_create,
    // Other views of the file system.
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_open_by_handle_at,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_setns,
    libc::SYS_unshare,
    libc::SYS_quotactl,
    libc::SYS_fanotify_init,
    // The kernel's own machinery.
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_add_key,
    libc::SYS_keyctl,
    libc::SYS_request_key,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_syslog,
    libc::SYS_acct,
    libc::SYS_personality,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    // Other powers.
    libc::SYS_setuid,
    libc::SYS_setgid,
    libc::SYS_setreuid,
    libc::SYS_setregid,
    libc::SYS_setresuid,
    libc::SYS_setresgid,
    libc::SYS_setgroups,
    libc::SYS_capset,
    libc::SYS_seccomp,
];

/// Calls of older forms that not every machine has.
#[cfg(target_arch = "x86_64")]
const OF_THIS_MACHINE: &[i64] =
    &[libc::SYS_fork, libc::SYS_vfork, libc::SYS_kexec_file_load, libc::SYS_iopl, libc::SYS_ioperm];
#[cfg(not(target_arch = "x86_64"))]
const OF_THIS_MACHINE: &[i64] = &[];

/// What changes metadata of files, by handle or name.
const METADATA: &[i64] = &[
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_utimensat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chmod,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_lchown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_utimes,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_utime,
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::net::TcpListener;
    use std::process::Command;

    /// The directory that the confined process is tried in.
    const DIR: &str = "SCELLE_TEST_CONFINED_IN";

    /// Runs in a process of its own, which the test below starts: nothing here can be undone.
    #[test]
    #[ignore = "confines the whole process; run by the test below"]
    fn inside() {
        let Some(dir) = std::env::var_os(DIR).map(PathBuf::from) else { return };
        let (bundle, other, out) = (dir.join("bundle"), dir.join("other"), dir.join("out"));
        let confinement = Confinement::enter(std::slice::from_ref(&bundle), &[&out]);
        assert_eq!(confinement.to_string(), "files and network by Landlock; system calls by seccomp");
        let refused = |what: &str, result: std::io::Result<()>| {
            let error = result.expect_err(what);
            assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied, "{what}: {error}");
        };
        assert_eq!(fs::read(bundle.join("member")).expect("the bundle"), b"member");
        refused("another file", fs::read(&other).map(drop));
        refused("a file of the system", fs::read("/etc/passwd").map(drop));
        refused("writing the bundle", fs::write(bundle.join("member"), b"x"));
        refused("writing beside", fs::write(dir.join("new"), b"x"));
        refused("removing", fs::remove_file(&other));
        fs::create_dir(out.join("d")).expect("a directory below");
        fs::write(out.join("d/f"), b"restored").expect("a file below");
        fs::hard_link(out.join("d/f"), out.join("g")).expect("a link below");
        refused("moving out", fs::rename(out.join("g"), dir.join("g")));
        refused("a program", Command::new("/bin/true").status().map(drop));
        refused("the network", TcpListener::bind("127.0.0.1:0").map(drop));
        std::thread::spawn(|| ()).join().expect("threads are needed");
        // Once more, with less.
        Confinement::narrow(&[bundle], &[]);
        refused("writing what was given up", fs::write(out.join("h"), b"x"));
        assert_eq!(fs::read(dir.join("bundle/member")).expect("the bundle"), b"member");
    }

    /// As above, of whoever only reads.
    #[test]
    #[ignore = "confines the whole process; run by the test below"]
    fn inside_reading() {
        let Some(dir) = std::env::var_os(DIR).map(PathBuf::from) else { return };
        Confinement::enter(&[dir.join("bundle")], &[]);
        for path in [dir.join("bundle/member"), dir.join("other")] {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o777);
            let error = fs::set_permissions(path, mode).expect_err("a mode");
            assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied);
        }
        assert_eq!(fs::read(dir.join("bundle/member")).expect("the bundle"), b"member");
    }

    #[test]
    fn a_confined_process_has_the_bundle_and_the_target_and_nothing_else() {
        let dir = tempfile::tempdir().expect("a directory");
        for name in ["bundle", "out"] {
            fs::create_dir(dir.path().join(name)).expect("a directory");
        }
        fs::write(dir.path().join("bundle/member"), b"member").expect("a file");
        fs::write(dir.path().join("other"), b"other").expect("a file");
        for inside in ["inside", "inside_reading"] {
            let mut child = Command::new(std::env::current_exe().expect("this program"));
            let name = format!("cli::confine::tests::{inside}");
            child.args(["--exact", &name, "--include-ignored", "--nocapture"]);
            let output = child.env(DIR, dir.path()).output().expect("this program");
            let said =
                [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
            assert!(output.status.success() && said.contains("1 passed"), "{said}");
        }
        assert_eq!(fs::read(dir.path().join("other")).expect("a file"), b"other");
    }
}
