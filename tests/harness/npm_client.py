"""Runs programs that use packages from npm. The packages are installed once, into the cache folder, at the versions of
the lock file."""
import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile

CLIENTS = pathlib.Path(__file__).resolve().parent.parent / "e2e" / "clients"


def cache_folder():
    cache = os.environ.get("LIVEDATA_CACHE")
    if cache:
        return pathlib.Path(cache)
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "livedata"


def installed_packages():
    """The folder that holds node_modules."""
    lock = (CLIENTS / "package-lock.json").read_bytes()
    folder = cache_folder() / ("clients-" + hashlib.sha256(lock).hexdigest()[:16])
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Made aside and renamed, so that a folder that is there is complete, and tests may run at the same time.
    work = pathlib.Path(tempfile.mkdtemp(prefix="clients-", dir=folder.parent))
    try:
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(CLIENTS / name, work)
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=work, check=True, stdout=subprocess.DEVNULL)
        work.rename(folder)
    except OSError:
        if not folder.exists():
            raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return folder


def run_client(script, *arguments, timeout=120):
    """What a script in tests/e2e/clients prints."""
    packages = installed_packages()
    with tempfile.TemporaryDirectory(prefix="livedata-client-") as work:
        (pathlib.Path(work) / "node_modules").symlink_to(packages / "node_modules")
        shutil.copy(CLIENTS / script, work)
        done = subprocess.run(["node", script, *map(str, arguments)], cwd=work, timeout=timeout, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{script}: {done.stdout}{done.stderr}")
    return done.stdout
