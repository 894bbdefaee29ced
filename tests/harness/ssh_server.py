"""An sshd on the loopback with keys of its own, for tests. It runs as the user who runs the test. Standard library only."""
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

CACHE = pathlib.Path(os.environ.get("LIVEDATA_CACHE") or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "livedata")
UNPACKED = CACHE / "ssh-server"
SSHD = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin") or str(UNPACKED / "usr/sbin/sshd")
BUSYBOX = shutil.which("busybox") or str(UNPACKED / "bin/busybox")
LIBRARIES = UNPACKED / "usr/lib" / f"{os.uname().machine}-linux-gnu"


def available():
    return os.path.exists(SSHD) and shutil.which("ssh") and shutil.which("ssh-keygen")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class SshServer:
    """Use as a context manager. With `path` programs of sessions are looked up there first; `shell` is the login shell, where
    root runs the test."""

    def __init__(self, path=None, shell=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="livedata-sshd-"))
        self.user = pwd.getpwuid(os.getuid()).pw_name
        self.port = free_port()
        self.path, self.shell = path, shell
        self.process = None
        for key in ("host", "other_host", "user", "stranger"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / key)], check=True)
        (self.folder / "authorized_keys").write_text((self.folder / "user.pub").read_text())
        self.known_hosts = self.folder / "known_hosts"
        self.trust("host")

    def trust(self, key):
        self.known_hosts.write_text(f"[127.0.0.1]:{self.port} " + (self.folder / f"{key}.pub").read_text())

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder)

    @property
    def destination(self):
        return f"{self.user}@127.0.0.1"

    def options(self, key="user"):
        values = [f"Port={self.port}", f"IdentityFile={self.folder / key}", "IdentitiesOnly=yes", f"UserKnownHostsFile={self.known_hosts}",
                  "GlobalKnownHostsFile=/dev/null"]
        return [word for value in values for word in ("--ssh-option", value)]

    def start(self, host_key="host"):
        config = self.folder / "config"
        config.write_text(f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {self.folder / host_key}\nUsePAM no\n"
                          f"AuthorizedKeysFile {self.folder / 'authorized_keys'}\nStrictModes no\nPidFile none\n"
                          "PasswordAuthentication no\nPermitRootLogin prohibit-password\nMaxStartups 200\n"
                          + (f"SetEnv PATH={self.path}\n" if self.path else ""))
        command = [SSHD, "-D", "-e", "-f", str(config)]
        if os.getuid() == 0:
            command = self._in_namespace(command)
        environment = {**os.environ, "LD_LIBRARY_PATH": str(LIBRARIES)}
        self.log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, env=environment)
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("sshd did not start: " + (self.folder / "log").read_text()) from None
                time.sleep(0.05)

    def _in_namespace(self, command):
        """sshd asks for a user and a folder of its own when root starts it; they are there for it alone."""
        entry = pwd.getpwuid(0)
        lines = [f"root:x:0:0:root:{entry.pw_dir}:{self.shell or entry.pw_shell}", "sshd:x:65531:65534::/run/sshd:/usr/sbin/nologin"]
        (self.folder / "passwd").write_text("\n".join(lines) + "\n")
        script = f"mount --bind {self.folder / 'passwd'} /etc/passwd && mount -t tmpfs tmpfs /run && mkdir /run/sshd && exec \"$@\""
        return ["unshare", "-m", "sh", "-c", script, "sh", *command]

    def connections(self):
        return [int(pid) for pid in pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()]

    def kill_connections(self):
        for pid in self.connections():
            os.kill(pid, signal.SIGKILL)

    def kill(self):
        """The server and all connections, at once."""
        pids = self.connections()
        self.process.kill()
        self.process.wait()
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.log.close()
        self.process = None

    def stop(self):
        if self.process is not None:
            self.kill()


def busybox_folder(folder):
    """A folder with every program of busybox, to be put in front of a path."""
    names = subprocess.run([BUSYBOX, "--list"], check=True, capture_output=True, text=True).stdout.split()
    for name in names:
        (pathlib.Path(folder) / name).symlink_to(BUSYBOX)
    return folder
