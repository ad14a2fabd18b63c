"""Awaits that are missing, wrong, or one too many.

A file is a rule: what it decides, says and fixes. What needs the model, or serves several rules, lies
beside them in files that begin with `_`; a rule imports it when it is asked, so that a run from the cache
loads no model.
"""
