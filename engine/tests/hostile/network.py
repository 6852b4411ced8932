"""The network: the test listens on port 47147 of this machine and must hear nothing."""

from hostile import Hostile

WRONG = "\ndef add(a, b):\n    return 0\n"
TRY = "import socket\ntry:\n    {}\n    print('reached')\nexcept OSError as e: print(e)" + WRONG
SUBMISSIONS = [
    Hostile("TCP", TRY.format("socket.create_connection(('127.0.0.1', 47147), 2).send(b'x')")),
    Hostile("TCP over IPv6", TRY.format("socket.socket(socket.AF_INET6).connect(('::1', 47147))")),
    Hostile("UDP", TRY.format("socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 47147))")),
    Hostile("raw", TRY.format("socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)")),
    Hostile("packets", TRY.format("socket.socket(17, socket.SOCK_RAW)")),
    Hostile("netlink", TRY.format("socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)")),
    Hostile("vsock", TRY.format("socket.socket(40, socket.SOCK_STREAM).connect((2, 47147))")),
    Hostile("a name", TRY.format("socket.getaddrinfo('localhost', 47147)[0] and socket.create_connection(('localhost', 47147), 2)")),
    Hostile("a URL", "import urllib.request\ntry: print(urllib.request.urlopen('http://127.0.0.1:47147', timeout=2).status)\n"
            "except OSError as e: print(e)" + WRONG),
    Hostile("a program", "import subprocess\nprint(subprocess.run(['bash', '-c', 'echo x > /dev/tcp/127.0.0.1/47147'], "
            "capture_output=True))" + WRONG),
    Hostile("an abstract socket", TRY.format("socket.socket(socket.AF_UNIX).connect('\\0hostile-47147')")),
]  # fmt: skip
