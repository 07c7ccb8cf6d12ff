"""Where the program is that this package carries."""

import os
import sys
import sysconfig

__all__ = ["find_hookshift"]


def find_hookshift() -> str:
    """The path of the program. Raises FileNotFoundError when it was not installed with this package."""
    name = "hookshift.exe" if sys.platform == "win32" else "hookshift"
    # Where pip puts programs: of this environment, of the user, or beside the package with `pip install --target`.
    schemes = [None, "nt_user" if os.name == "nt" else "posix_user"]
    directories = [
        sysconfig.get_path("scripts") if scheme is None else sysconfig.get_path("scripts", scheme=scheme)
        for scheme in schemes
    ]
    directories.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "bin"))
    for directory in directories:
        path = os.path.join(directory, name)
        if os.path.isfile(path):
            return path
    raise FileNotFoundError(f"{name} is in none of: {', '.join(directories)}")
