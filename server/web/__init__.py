"""The shell: pages, REST, sockets, and the only place that knows what time it is outside.

`create_app` (app.py) puts it together. Everything that strangers send is parsed in `wire.py`; everything that the stock
libraries do wrong is cured in `guards/`, one module each, with the symptom that was measured.
"""
