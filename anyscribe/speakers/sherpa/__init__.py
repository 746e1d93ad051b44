"""Voices told apart by sherpa-onnx, with models in a folder of the user's."""
