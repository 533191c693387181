"""What the operator can see and do, the same on a running server and on a stopped one's data.

An act (acts.py) is answered by one door (doors.py) that works on a place (place.py). A running
server answers on its unix socket (site.py); for a stopped one the command opens the data
directory itself (reach.py). The operator sees sizes, times and ids: the server has no names.
"""
