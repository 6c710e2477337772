//! What the network is made of, up to the last pooling. Names and patches are pytorch-fid's: average pooling leaves the
//! padding out of its means, and the last block takes maxima.

/// A step; `C` is what is known of a convolution.
pub(super) enum Layer<C> {
    Convolution(C),
    /// Means of 3 x 3 pixels.
    Average,
    /// Maxima of 3 x 3 pixels.
    Maximum {
        stride: usize,
        padding: usize,
    },
    /// Chains that all see the same, their channels one after the other; names below a prefix.
    Branches(&'static str, Vec<Vec<Layer<C>>>),
}

/// A convolution without a shift, batch normalisation, a rectifier.
pub(super) struct Plan {
    pub name: &'static str,
    pub channels: usize,
    pub kernel: [usize; 2],
    pub stride: usize,
    pub padding: [usize; 2],
}

/// Of images of three channels.
pub(super) fn layers() -> Vec<Layer<Plan>> {
    let maximum = || Layer::Maximum { stride: 2, padding: 0 };
    vec![
        valid("Conv2d_1a_3x3", 32, [3, 3], 2),
        valid("Conv2d_2a_3x3", 32, [3, 3], 1),
        same("Conv2d_2b_3x3", 64, [3, 3]),
        maximum(),
        valid("Conv2d_3b_1x1", 80, [1, 1], 1),
        valid("Conv2d_4a_3x3", 192, [3, 3], 1),
        maximum(),
        block_a("Mixed_5b", 32),
        block_a("Mixed_5c", 64),
        block_a("Mixed_5d", 64),
        block_b("Mixed_6a"),
        block_c("Mixed_6b", 128),
        block_c("Mixed_6c", 160),
        block_c("Mixed_6d", 160),
        block_c("Mixed_6e", 192),
        block_d("Mixed_7a"),
        block_e("Mixed_7b", Layer::Average),
        block_e("Mixed_7c", Layer::Maximum { stride: 1, padding: 1 }),
    ]
}

/// Keeps height and width.
fn same(name: &'static str, channels: usize, kernel: [usize; 2]) -> Layer<Plan> {
    Layer::Convolution(Plan { name, channels, kernel, stride: 1, padding: kernel.map(|side| side / 2) })
}

/// Sees whole kernels only.
fn valid(name: &'static str, channels: usize, kernel: [usize; 2], stride: usize) -> Layer<Plan> {
    Layer::Convolution(Plan { name, channels, kernel, stride, padding: [0, 0] })
}

fn block_a(name: &'static str, pool_channels: usize) -> Layer<Plan> {
    let triple = [same("branch3x3dbl_1", 64, [1, 1]), same("branch3x3dbl_2", 96, [3, 3])];
    Layer::Branches(
        name,
        vec![
            vec![same("branch1x1", 64, [1, 1])],
            vec![same("branch5x5_1", 48, [1, 1]), same("branch5x5_2", 64, [5, 5])],
            triple.into_iter().chain([same("branch3x3dbl_3", 96, [3, 3])]).collect(),
            vec![Layer::Average, same("branch_pool", pool_channels, [1, 1])],
        ],
    )
}

fn block_b(name: &'static str) -> Layer<Plan> {
    let triple = [same("branch3x3dbl_1", 64, [1, 1]), same("branch3x3dbl_2", 96, [3, 3])];
    Layer::Branches(
        name,
        vec![
            vec![valid("branch3x3", 384, [3, 3], 2)],
            triple.into_iter().chain([valid("branch3x3dbl_3", 96, [3, 3], 2)]).collect(),
            vec![Layer::Maximum { stride: 2, padding: 0 }],
        ],
    )
}

fn block_c(name: &'static str, inner: usize) -> Layer<Plan> {
    Layer::Branches(
        name,
        vec![
            vec![same("branch1x1", 192, [1, 1])],
            vec![
                same("branch7x7_1", inner, [1, 1]),
                same("branch7x7_2", inner, [1, 7]),
                same("branch7x7_3", 192, [7, 1]),
            ],
            vec![
                same("branch7x7dbl_1", inner, [1, 1]),
                same("branch7x7dbl_2", inner, [7, 1]),
                same("branch7x7dbl_3", inner, [1, 7]),
                same("branch7x7dbl_4", inner, [7, 1]),
                same("branch7x7dbl_5", 192, [1, 7]),
            ],
            vec![Layer::Average, same("branch_pool", 192, [1, 1])],
        ],
    )
}

fn block_d(name: &'static str) -> Layer<Plan> {
    Layer::Branches(
        name,
        vec![
            vec![same("branch3x3_1", 192, [1, 1]), valid("branch3x3_2", 320, [3, 3], 2)],
            vec![
                same("branch7x7x3_1", 192, [1, 1]),
                same("branch7x7x3_2", 192, [1, 7]),
                same("branch7x7x3_3", 192, [7, 1]),
                valid("branch7x7x3_4", 192, [3, 3], 2),
            ],
            vec![Layer::Maximum { stride: 2, padding: 0 }],
        ],
    )
}

fn block_e(name: &'static str, pool: Layer<Plan>) -> Layer<Plan> {
    let cross =
        |across, down| Layer::Branches("", vec![vec![same(across, 384, [1, 3])], vec![same(down, 384, [3, 1])]]);
    Layer::Branches(
        name,
        vec![
            vec![same("branch1x1", 320, [1, 1])],
            vec![same("branch3x3_1", 384, [1, 1]), cross("branch3x3_2a", "branch3x3_2b")],
            vec![
                same("branch3x3dbl_1", 448, [1, 1]),
                same("branch3x3dbl_2", 384, [3, 3]),
                cross("branch3x3dbl_3a", "branch3x3dbl_3b"),
            ],
            vec![pool, same("branch_pool", 192, [1, 1])],
        ],
    )
}
