"""Grading: probes and worker beside the learner's code, engine and tables beside the oracles."""
