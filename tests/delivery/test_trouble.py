"""Whatever a server says or fails to say, the push ends with a tally or one plain line, and mends itself next time."""

import socket
import time

import pytest

from delivery.county import PEOPLE_WORDS, County
from delivery.there import cleared

HTML = (200, [("Content-Type", "text/html")], b"<html><body>Sign in to the guest network</body></html>")
