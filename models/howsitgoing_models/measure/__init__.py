"""What a model is worth: accuracy, calibration, robustness, speed. Runs wherever the edge runs, without TensorFlow."""
