"""Helpers, checks and the grader of the sequence models course."""

import os
from pathlib import Path

PACKAGE = Path(__file__).parent

# read when TensorFlow is imported; else it fills a red box with notes on the processor
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# on processors that are made for it, oneDNN is on by default: it says so whatever the level, and
# rounds otherwise than elsewhere
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
