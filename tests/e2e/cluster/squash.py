"""Mount a folder, given as the argument, on which root may not create anything and user 1000 may: as NFS's root_squash.

Given to a privileged container as text. A tmpfs, seen through a mount in whose user namespace only user 1000 exists.
"""

import ctypes
import os
import signal
import sys
import time

CLONE_NEWUSER = 0x10000000
OPEN_TREE, MOVE_MOUNT, MOUNT_SETATTR = 428, 429, 442  # of all architectures
OPEN_TREE_CLONE, MOVE_MOUNT_F_EMPTY_PATH, AT_EMPTY_PATH, AT_FDCWD = 1, 4, 0x1000, -100
MOUNT_ATTR_IDMAP = 0x00100000
MAPPING = "1000 1000 1"

libc = ctypes.CDLL(None, use_errno=True)


def checked(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


folder = sys.argv[1].encode()
os.makedirs(folder, exist_ok=True)
checked(libc.mount(b"tmpfs", folder, b"tmpfs", 0, b"mode=755,uid=1000,gid=1000"))
ready, tell = os.pipe()
child = os.fork()
if child == 0:
    checked(libc.unshare(CLONE_NEWUSER))
    os.write(tell, b"x")
    time.sleep(60)
os.read(ready, 1)
for name in ("uid_map", "gid_map"):
    with open(f"/proc/{child}/{name}", "w", encoding="utf-8") as file:
        file.write(MAPPING)
users = os.open(f"/proc/{child}/ns/user", os.O_RDONLY)
tree = checked(libc.syscall(OPEN_TREE, AT_FDCWD, folder, OPEN_TREE_CLONE))
attributes = (ctypes.c_uint64 * 4)(MOUNT_ATTR_IDMAP, 0, 0, users)
checked(libc.syscall(MOUNT_SETATTR, tree, b"", AT_EMPTY_PATH, attributes, ctypes.sizeof(attributes)))
checked(libc.syscall(MOVE_MOUNT, tree, b"", AT_FDCWD, folder, MOVE_MOUNT_F_EMPTY_PATH))
os.kill(child, signal.SIGKILL)
