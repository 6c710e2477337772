//! Packing: the discriminator sees several images at once, all real or all generated, so that it notices when they are too
//! much alike (PacGAN: Lin et al. 2018, arXiv 1712.04086, section 3).

/// Shape of a pack of such images.
pub(crate) fn packed_shape([channels, height, width]: [usize; 3], packing: usize) -> [usize; 3] {
    [packing * channels, height, width]
}
