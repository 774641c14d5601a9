/**
 * Which system calls a container may make: the facts of Docker's default profile (moby/profiles seccomp/default.json, 2026), as
 * a table grouped by purpose. What is in no group fails with EPERM; what is newer than the newest name here is to fail with
 * ENOSYS, so that a C library tries an older call (the filter's compiler does that, as runc does).
 *
 * Invariant: data only. `runtime/spec/seccomp.ts` resolves the conditional groups.
 */
const words = (text: string): readonly string[] => text.trim().split(/\s+/)

/** Allowed for every container, on both architectures (names that one does not have are left out there). */
export const alwaysAllowed: readonly string[] = [
  // files: open, read, write, move data
  ...words(`open openat openat2 creat close close_range read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2
    lseek _llseek sendfile sendfile64 splice tee vmsplice copy_file_range readahead fadvise64 fadvise64_64 fallocate truncate
    truncate64 ftruncate ftruncate64 fsync fdatasync sync syncfs sync_file_range flock fcntl fcntl64 ioctl dup dup2 dup3 pipe
    pipe2 umask cachestat`),
  // files: names, folders, attributes
  ...words(`access faccessat faccessat2 chdir fchdir getcwd mkdir mkdirat rmdir mknod mknodat link linkat symlink
    symlinkat readlink readlinkat rename renameat renameat2 unlink unlinkat getdents getdents64 stat stat64 lstat lstat64
    fstat fstat64 fstatat64 newfstatat statx statfs statfs64 fstatfs fstatfs64 statmount listmount chmod fchmod fchmodat
    fchmodat2 chown chown32 lchown lchown32 fchown fchown32 fchownat utime utimes futimesat utimensat utimensat_time64
    name_to_handle_at`),
  ...words(`getxattr lgetxattr fgetxattr getxattrat setxattr lsetxattr fsetxattr setxattrat listxattr llistxattr flistxattr
    listxattrat removexattr lremovexattr fremovexattr removexattrat`),
  // waiting for events
  ...words(`poll ppoll ppoll_time64 select _newselect pselect6 pselect6_time64 epoll_create epoll_create1 epoll_ctl epoll_ctl_old
    epoll_wait epoll_wait_old epoll_pwait epoll_pwait2 eventfd eventfd2 signalfd signalfd4 inotify_init inotify_init1
    inotify_add_watch inotify_rm_watch fanotify_mark io_setup io_submit io_getevents io_pgetevents io_pgetevents_time64 io_cancel
    io_destroy`),
  // memory
  ...words(`brk mmap mmap2 munmap mremap mprotect madvise mincore msync mlock mlock2 mlockall munlock munlockall remap_file_pages
    memfd_create memfd_secret membarrier mseal map_shadow_stack pkey_alloc pkey_free pkey_mprotect process_mrelease`),
  // processes, threads and their identity
  ...words(`fork vfork execve execveat exit exit_group wait4 waitid waitpid getpid getppid gettid getpgid getpgrp setpgid getsid
    setsid pidfd_open pidfd_send_signal prctl rseq seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self
    set_tid_address set_robust_list get_robust_list get_thread_area set_thread_area restart_syscall uretprobe riscv_hwprobe`),
  ...words(`getuid getuid32 geteuid geteuid32 getgid getgid32 getegid getegid32 getresuid getresuid32 getresgid
    getresgid32 getgroups getgroups32 setuid setuid32 setgid setgid32 setreuid setreuid32 setregid setregid32 setresuid
    setresuid32 setresgid setresgid32 setfsuid setfsuid32 setfsgid setfsgid32 setgroups setgroups32 capget capset`),
  ...words(`futex futex_time64 futex_wait futex_waitv futex_wake futex_requeue`),
  // scheduling and limits
  ...words(`sched_yield sched_getaffinity sched_setaffinity sched_getattr sched_setattr sched_getparam sched_setparam
    sched_getscheduler sched_setscheduler sched_get_priority_max sched_get_priority_min sched_rr_get_interval
    sched_rr_get_interval_time64 getpriority setpriority ioprio_get ioprio_set getcpu getrlimit setrlimit ugetrlimit prlimit64
    getrusage times sysinfo uname`),
  // signals
  ...words(`kill tkill tgkill pause rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend
    rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo sigaltstack sigprocmask sigreturn`),
  // time
  ...words(`time gettimeofday clock_gettime clock_gettime64 clock_getres clock_getres_time64 clock_nanosleep
    clock_nanosleep_time64 clock_adjtime clock_adjtime64 adjtimex nanosleep alarm getitimer setitimer timer_create
    timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create timerfd_gettime
    timerfd_gettime64 timerfd_settime timerfd_settime64`),
  // sockets; socket(2) itself depends on the family, see below
  ...words(`socketcall socketpair bind connect listen accept accept4 shutdown getsockname getpeername getsockopt setsockopt send
    sendto sendmsg sendmmsg recv recvfrom recvmsg recvmmsg recvmmsg_time64`),
  // IPC
  ...words(`ipc msgctl msgget msgrcv msgsnd semctl semget semop semtimedop semtimedop_time64 shmat shmctl shmdt shmget mq_open
    mq_unlink mq_getsetattr mq_notify mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64`),
  ...words('getrandom'),
  // Docker's condition is a kernel of 4.8 or later, where ptrace no longer passes by seccomp; tsnet needs a later one anyway
  ...words('ptrace process_vm_readv process_vm_writev'),
]

/** Address families that socket(2) may open: not AF_DECnet, AF_ALG, AF_VSOCK and others nobody uses. Inclusive ranges. */
export const allowedFamilies: readonly (readonly [first: number, last: number])[] = [
  [0, 11], [13, 18], [21, 22], [24, 24], [26, 33], [35, 36], [39, 39], [41, 45],
]

/** Values of personality(2): PER_LINUX, PER_LINUX32, UNAME26, both, and the query. */
export const allowedPersonalities: readonly number[] = [0x0, 0x8, 0x20000, 0x20008, 0xffffffff]

/** The CLONE_NEW* flags: clone(2) may have none of them without CAP_SYS_ADMIN. */
export const namespaceFlags = 0x7e020000

export const allowedByArchitecture: Readonly<Record<'x64' | 'arm64', readonly string[]>> = {
  x64: words('arch_prctl modify_ldt'),
  arm64: words('arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls'),
}

export const allowedByCapability: Readonly<Record<string, readonly string[]>> = {
  CAP_DAC_READ_SEARCH: words('open_by_handle_at'),
  CAP_SYS_ADMIN: words(`bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie lsm_get_self_attr
    lsm_list_modules lsm_set_self_attr mount mount_setattr move_mount open_tree perf_event_open quotactl quotactl_fd setdomainname
    sethostname setns syslog umount umount2 unshare`),
  CAP_SYS_BOOT: words('reboot'),
  CAP_SYS_CHROOT: words('chroot'),
  CAP_SYS_MODULE: words('delete_module init_module finit_module'),
  CAP_SYS_PACCT: words('acct'),
  CAP_SYS_PTRACE: words('kcmp pidfd_getfd process_madvise'),
  CAP_SYS_RAWIO: words('iopl ioperm'),
  CAP_SYS_TIME: words('settimeofday stime clock_settime clock_settime64'),
  CAP_SYS_TTY_CONFIG: words('vhangup'),
  CAP_SYS_NICE: words('get_mempolicy mbind set_mempolicy set_mempolicy_home_node'),
  CAP_SYSLOG: words('syslog'),
  CAP_BPF: words('bpf'),
  CAP_PERFMON: words('perf_event_open'),
}
