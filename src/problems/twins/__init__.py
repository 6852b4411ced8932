"""Wrong twins of the reference, one file a topic. Each stands alone: math, torch, nn and F only."""
