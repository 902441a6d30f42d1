"""What the benchmarks of outpainting and of inpainting share: the photos, the peers, the measures."""
