#!/usr/bin/python3
"""OpenStack Swift with its S3 API on the loopback: proxy, account, container and object servers in one process.

Usage: swift_server.py FOLDER PORT ACCESS_KEY SECRET_KEY     (the ports behind PORT are its own, too)

Needs Debian's python3-swift, and a folder on a file system with extended attributes. Says "ready" when it serves.
"""
import logging
import os
import sys
import time

import eventlet
import eventlet.wsgi

eventlet.monkey_patch()

from swift.common import storage_policy, utils, wsgi  # noqa: E402
from swift.common.ring import RingBuilder  # noqa: E402

folder, port = sys.argv[1], int(sys.argv[2])
access_key, secret_key = sys.argv[3], sys.argv[4]

SERVERS = {"object": port + 1, "container": port + 2, "account": port + 3}
PROXY = f"""[DEFAULT]
swift_dir = {folder}
log_level = ERROR
[pipeline:main]
pipeline = catch_errors s3api tempauth bulk slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
node_timeout = 60
conn_timeout = 10
recoverable_node_timeout = 60
[filter:tempauth]
use = egg:swift#tempauth
user_{access_key.replace(":", "_")} = {secret_key} .admin
[filter:s3api]
use = egg:swift#s3api
s3_acl = false
location = us-east-1
allow_multipart_uploads = true
min_segment_size = 5242880
[filter:bulk]
use = egg:swift#bulk
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
[filter:catch_errors]
use = egg:swift#catch_errors
"""
SERVER = """[DEFAULT]
devices = {folder}/devices
mount_check = false
disable_fallocate = true
swift_dir = {folder}
log_level = ERROR
[pipeline:main]
pipeline = {name}-server
[app:{name}-server]
use = egg:swift#{name}
"""


def write(name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        file.write(text)
    return path


def prepare():
    os.makedirs(os.path.join(folder, "devices", "disk"), exist_ok=True)
    write("swift.conf", "[swift-hash]\nswift_hash_path_suffix = suffix\nswift_hash_path_prefix = prefix\n"
          "[storage-policy:0]\nname = one\ndefault = yes\n")
    for name, of in SERVERS.items():
        ring = RingBuilder(4, 1, 0)
        ring.add_dev({"region": 1, "zone": 1, "ip": "127.0.0.1", "port": of, "device": "disk", "weight": 1})
        ring.rebalance()
        ring.get_ring().save(os.path.join(folder, f"{name}.ring.gz"))
    utils.set_swift_dir(folder)
    storage_policy.reload_storage_policies()


def serve(application, of):
    socket = eventlet.listen(("127.0.0.1", of), backlog=100)
    eventlet.spawn(eventlet.wsgi.server, socket, application, log=logging.getLogger("none"), log_output=False)


class Cache(dict):
    """What memcached would be, for one process: tokens and what is known of containers."""

    def __bool__(self):
        return True

    def set(self, key, value, **_):
        self[key] = value

    def get(self, key, **_):
        return super().get(key)

    def incr(self, key, delta=1, **_):
        self[key] = int(self[key] or 0) + delta if key in self else delta
        return self[key]

    def delete(self, key, **_):
        self.pop(key, None)


def main():
    prepare()
    cache = Cache()
    for name, of in SERVERS.items():
        path = write(f"{name}.conf", SERVER.format(folder=folder, name=name))
        serve(wsgi.loadapp(path, global_conf={"log_name": name}), of)
    proxy = wsgi.loadapp(write("proxy.conf", PROXY), global_conf={"log_name": "proxy"})

    def application(environment, start_response):
        environment["swift.cache"] = cache
        return proxy(environment, start_response)

    serve(application, port)
    print("ready", flush=True)
    while True:
        time.sleep(3600)


main()
