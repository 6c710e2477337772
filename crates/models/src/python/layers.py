class Dense(nn.Linear):
    """`[batch, channels, height, width]` to `[batch, out, 1, 1]`."""

    def forward(self, x):
        return super().forward(x.flatten(1))[:, :, None, None]


class Convolution(nn.Conv2d):
    """With other padding before than behind: `pad` is left, right, top, bottom."""

    def __init__(self, inputs, outputs, kernel, stride, pad, bias=True):
        super().__init__(inputs, outputs, kernel, stride, bias=bias)
        self.pad = pad

    def forward(self, x):
        return super().forward(functional.pad(x, self.pad))


class TransposedConvolution(nn.ConvTranspose2d):
    """Rows and columns from `before` on, `extra` less `behind` more than padding leaves; those without a tap are the bias."""

    def __init__(self, inputs, outputs, kernel, stride, before, behind, extra, bias=True):
        super().__init__(inputs, outputs, kernel, stride, bias=bias)
        self.before, self.behind, self.extra = before, behind, extra

    def forward(self, x):
        y = functional.conv_transpose2d(x, self.weight, None, self.stride)
        for axis in (0, 1):
            size = y.shape[2 + axis] - self.before[axis] - self.behind[axis] + self.extra[axis]
            y = y.narrow(2 + axis, self.before[axis], min(size, y.shape[2 + axis] - self.before[axis]))
            missing = size - y.shape[2 + axis]
            y = functional.pad(y, (0, 0, 0, missing) if axis == 0 else (0, missing))
        return y if self.bias is None else y + self.bias[:, None, None]


class LeakyReLU(nn.Module):
    def __init__(self, slope, gain):
        super().__init__()
        self.slope, self.gain = slope, gain

    def forward(self, x):
        return functional.leaky_relu(x, self.slope) * self.gain


class View(nn.Module):
    def __init__(self, *shape):
        super().__init__()
        self.shape = shape

    def forward(self, x):
        return x.reshape(len(x), *self.shape)


class Fit(nn.Module):
    """Zeros are added, or pixels cut off, at the far borders."""

    def __init__(self, height, width):
        super().__init__()
        self.size = height, width

    def forward(self, x):
        height, width = self.size
        x = x[:, :, :height, :width]
        return functional.pad(x, (0, width - x.shape[3], 0, height - x.shape[2]))


class InstanceNorm(nn.Module):
    """Each channel of each sample with mean 0 and variance 1, 1 x 1 pixels too, which `nn.InstanceNorm2d` refuses."""

    def __init__(self, epsilon):
        super().__init__()
        self.epsilon = epsilon

    def forward(self, x):
        centred = x - x.mean((2, 3), keepdim=True)
        return centred / (centred.square().mean((2, 3), keepdim=True) + self.epsilon).sqrt()


class Maxout(nn.Module):
    """The largest of each `pieces` numbers that follow one another."""

    def __init__(self, pieces):
        super().__init__()
        self.pieces = pieces

    def forward(self, x):
        return x.reshape(len(x), -1, self.pieces).amax(2)[:, :, None, None]


class Sum(nn.Module):
    """Over height and width."""

    def forward(self, x):
        return x.sum((2, 3), keepdim=True)


def taps(like, factors):
    """The filter 1 3 3 1 along each axis that changes."""
    line = torch.tensor([1.0, 3.0, 3.0, 1.0], device=like.device, dtype=like.dtype) / 8
    one = torch.ones(1, device=like.device, dtype=like.dtype)
    down, across = (line if factor == 2 else one for factor in factors)
    return down[:, None] * across[None, :]


def double(x, factors):
    """Smoothly (Karras et al. 2019, arXiv 1812.04948)."""
    kernel = (taps(x, factors) * factors[0] * factors[1]).expand(x.shape[1], 1, -1, -1)
    padding = [factor - 1 for factor in factors]
    return functional.conv_transpose2d(x, kernel, None, factors, padding, groups=x.shape[1])


class HalveSmoothly(nn.Module):
    def __init__(self, *factors):
        super().__init__()
        self.factors = factors

    def forward(self, x):
        kernel = taps(x, self.factors).expand(x.shape[1], 1, -1, -1)
        pad = [n for factor in reversed(self.factors) for n in (factor - 1, 2 * (factor - 1))]
        return functional.conv2d(functional.pad(x, pad), kernel, None, self.factors, groups=x.shape[1])


class Residual(nn.Module):
    def __init__(self, main, skip):
        super().__init__()
        self.main, self.skip = main, skip

    def forward(self, x):
        return self.main(x) + self.skip(x)


class Skip(nn.Module):
    """The channels of x, then those of branch(x)."""

    def __init__(self, branch):
        super().__init__()
        self.branch = branch

    def forward(self, x):
        return torch.cat([x, self.branch(x)], 1)


class PerFrame(nn.Module):
    """The chain on each of so many frames, which lie one below the other."""

    def __init__(self, frames, chain):
        super().__init__()
        self.frames, self.chain = frames, chain

    def forward(self, x):
        batch, channels, rows, width = x.shape
        x = x.reshape(batch, channels, self.frames, rows // self.frames, width).transpose(1, 2).flatten(0, 1)
        y = self.chain(x)
        return y.reshape(batch, self.frames, *y.shape[1:]).transpose(1, 2).flatten(2, 3)


class Recurrent(nn.Module):
    """A gated recurrent unit, as `nn.GRU`: `[batch, channels, 1, time]` to its states."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.empty(3 * outputs, inputs)), nn.Parameter(torch.empty(3 * outputs))
        self.state_weight = nn.Parameter(torch.empty(outputs, 3 * outputs))
        self.state_bias = nn.Parameter(torch.empty(3 * outputs))

    def forward(self, x):
        state, states = x.new_zeros(len(x), len(self.state_weight)), []
        for at in x[:, :, 0].unbind(2):
            r, z, n = (at @ self.weight.T + self.bias).chunk(3, 1)
            of_r, of_z, of_n = (state @ self.state_weight + self.state_bias).chunk(3, 1)
            keep = (z + of_z).sigmoid()
            state = (1 - keep) * (n + (r + of_r).sigmoid() * of_n).tanh() + keep * state
            states.append(state)
        return torch.stack(states, 2)[:, :, None]


class SelfAttention(nn.Module):
    """Zhang et al. 2019, arXiv 1805.08318."""

    def __init__(self, channels, narrow, wide):
        super().__init__()
        self.key, self.query = nn.Conv2d(channels, narrow, 1), nn.Conv2d(channels, narrow, 1)
        self.value, self.output = nn.Conv2d(channels, wide, 1), nn.Conv2d(wide, channels, 1)
        self.share = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        key, query, value = (layer(x).flatten(2) for layer in (self.key, self.query, self.value))
        weight = (key.transpose(1, 2) @ query).softmax(1)
        return x + self.share * self.output((value @ weight).reshape(len(x), -1, *x.shape[2:]))


class MinibatchDeviation(nn.Module):
    """Karras et al. 2018, arXiv 1710.10196."""

    def __init__(self, group):
        super().__init__()
        self.group = group

    def forward(self, x):
        group = self.group if len(x) % self.group == 0 else len(x)
        deviation = (x.reshape(group, len(x) // group, -1).var(0, correction=0) + 1e-8).sqrt().mean(1)
        return torch.cat([x, deviation.repeat(group)[:, None, None, None].expand(-1, 1, *x.shape[2:])], 1)


class MinibatchDiscrimination(nn.Module):
    """Salimans et al. 2016, arXiv 1606.03498."""

    def __init__(self, features, kernels, dimensions):
        super().__init__()
        self.kernels = kernels
        self.weight = nn.Parameter(torch.empty(kernels * dimensions, features))

    def forward(self, x):
        views = (x.flatten(1) @ self.weight.T).reshape(len(x), self.kernels, -1)
        likeness = (-(views[:, None] - views[None]).abs().sum(3)).exp().sum(1)
        return torch.cat([x.flatten(1), likeness], 1)[:, :, None, None]


class ModulatedConvolution(nn.Module):
    """Karras et al. 2020, arXiv 1912.04958, equations 1 and 3; the weight holds its scale."""

    def __init__(self, inputs, outputs, kernel, style):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs, *kernel))
        self.bias = nn.Parameter(torch.empty(outputs))
        self.affine = Dense(style, inputs)

    def forward(self, x, style, demodulate):
        factors = self.affine(style)
        height, width = self.weight.shape[2:]
        before = [(size - 1) - (size - 1) // 2 for size in (height, width)]
        pad = (before[1], width - 1 - before[1], before[0], height - 1 - before[0])
        y = functional.conv2d(functional.pad(x * factors, pad), self.weight)
        if demodulate:
            squares = factors.flatten(1).square() @ self.weight.square().sum((2, 3)).T
            y = y / (squares + 1e-8).sqrt()[:, :, None, None]
        return y


class StyledConvolution(nn.Module):
    def __init__(self, *sizes):
        super().__init__()
        self.convolution = ModulatedConvolution(*sizes)
        self.noise = nn.Parameter(torch.zeros(1))

    def forward(self, x, style, noise):
        y = self.convolution(x, style, True) + noise * self.noise + self.convolution.bias[:, None, None]
        return functional.leaky_relu(y, 0.2) * 2**0.5


class ToImage(nn.Module):
    def __init__(self, *sizes):
        super().__init__()
        self.convolution = ModulatedConvolution(*sizes)

    def forward(self, x, style):
        return self.convolution(x, style, False) + self.convolution.bias[:, None, None]


class StyleBlock(nn.Module):
    def __init__(self, size, convolutions, image):
        super().__init__()
        self.size, self.convolutions, self.image = size, nn.ModuleList(convolutions), image


class StyleNetwork(nn.Module):
    """A latent vector and noise to an image (figure 7, "skip")."""

    def __init__(self, inputs, constant, mapping, blocks):
        super().__init__()
        self.inputs, self.mapping, self.blocks = inputs, mapping, nn.ModuleList(blocks)
        self.constant = nn.Parameter(torch.empty(constant))

    def forward(self, x):
        numbers = x.flatten(1)
        latent = numbers[:, : self.inputs]
        latent = latent / (latent.square().mean(1, keepdim=True) + 1e-8).sqrt()
        style = self.mapping(latent[:, :, None, None])
        used, below, image = self.inputs, self.blocks[0].size, None
        x = self.constant.expand(len(numbers), -1, -1, -1)
        for at, block in enumerate(self.blocks):
            height, width = block.size
            factors = (height // below[0], width // below[1])
            below = block.size
            x = double(x, factors) if at > 0 else x
            for convolution in block.convolutions:
                noise = numbers[:, used : used + height * width].reshape(-1, 1, height, width)
                used += height * width
                x = convolution(x, style, noise)
            here = block.image(x, style)
            image = here if image is None else double(image, factors) + here
        return image


class LogSpectrogram(nn.Module):
    """Normalised logarithms of a spectrogram's magnitudes `[batch, channels, 128, windows]` to sounds `[batch, channels, 1,
    length]`: 16 iterations of Griffin and Lim 1984, from phases of 0 at the windows' centres."""

    def __init__(self, length):
        super().__init__()
        self.length = length
        self.mean, self.deviation = nn.Parameter(torch.empty(128)), nn.Parameter(torch.empty(128))

    def waves(self, scales):
        at = torch.arange(256, dtype=torch.float64)
        angle = 2 * torch.pi / 256 * ((torch.arange(128)[:, None] * (torch.arange(256) + 128)) % 256)
        hann = 0.5 - 0.5 * torch.cos(2 * torch.pi / 256 * at)
        waves = torch.cat([angle.cos() * hann, -angle.sin() * hann]) * torch.as_tensor(scales).repeat(2)[:, None]
        return waves[:, None].to(self.mean)

    def forward(self, x):
        batch, channels, _, windows = x.shape
        mean, deviation = self.mean[:, None], self.deviation[:, None]
        magnitudes = (x.reshape(batch * channels, 128, windows) * (3 * deviation) + mean).exp()
        analysis = self.waves([1.0] * 128)
        synthesis = self.waves([1 / 256] + [2 / 256] * 127)
        hann = (0.5 - 0.5 * torch.cos(2 * torch.pi / 256 * torch.arange(256, dtype=torch.float64))).to(x)
        squares = functional.conv_transpose1d(torch.ones(1, 1, windows).to(x), hann.square()[None, None], stride=128)
        envelope = 1 / squares[:, :, 128 : 128 + self.length].clamp(min=0.5)

        def inverse(real, imaginary):
            y = functional.conv_transpose1d(torch.cat([real, imaginary], 1), synthesis, stride=128)
            return y[:, :, 128 : 128 + self.length] * envelope

        real, imaginary = magnitudes, torch.zeros_like(magnitudes)
        for _ in range(16):
            spectrum = functional.conv1d(functional.pad(inverse(real, imaginary), (128, 127)), analysis, stride=128)
            real, imaginary = spectrum.chunk(2, 1)
            scale = magnitudes / (real.square() + imaginary.square()).sqrt().clamp(min=1e-8)
            real, imaginary = real * scale, imaginary * scale
        return inverse(real, imaginary).reshape(batch, channels, 1, self.length)
