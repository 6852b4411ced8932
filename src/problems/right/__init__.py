"""Right answers by other methods, one file a topic. Each stands alone: math, torch, nn, F only."""
