"""What NumPy says of directions in latent spaces.

    "$(scripts/venv.sh distances)/python" scripts/direction_fixtures.py crates/directions/tests/fixtures/numpy.json

Matrices are a formula that the tests repeat, and have rank 4. SeFa: eigenvectors of the weight's product with its transpose, as the authors' program
finds them (`numpy.linalg.eig`), without its division of each output by its length, which the paper does not have. PCA by singular
values of the centred activations, codes by `numpy.linalg.lstsq`. The probe by solving its normal equations.
"""

import json
import sys

import numpy as np


def wave(rows, columns, frequency):
    i, j = np.ogrid[:rows, :columns]
    return np.sin(frequency * (i * columns + j + 1)) + 0.3 * np.cos(1.7 * i - 0.9 * j)


def normed(vector):
    vector = vector / np.linalg.norm(vector)
    return vector * np.sign(vector[np.argmax(np.abs(vector))])


def sefa(weight, count):
    values, vectors = np.linalg.eig(weight @ weight.T)
    order = np.argsort(-values.real)[:count]
    return {
        "strengths": [float(values[at].real) for at in order],
        "vectors": [normed(vectors[:, at].real).tolist() for at in order],
    }


def pca(activations, codes, count):
    centred = activations - activations.mean(0)
    _, singular, components = np.linalg.svd(centred, full_matrices=False)
    scores = centred @ components[:count].T
    solved = np.linalg.lstsq(scores, codes - codes.mean(0), rcond=None)[0]
    return {
        "strengths": (singular[:count] ** 2 / (len(activations) - 1)).tolist(),
        "vectors": [normed(row).tolist() for row in solved],
    }


def probe(codes, attribute):
    centred, target = codes - codes.mean(0), attribute - attribute.mean()
    covariance = centred.T @ centred / len(codes)
    ridge = 1e-3 * np.diag(covariance).mean() * np.eye(len(covariance))
    vector = np.linalg.solve(covariance + ridge, centred.T @ target / len(codes))
    vector = vector / np.linalg.norm(vector)
    along = centred @ vector
    border = (along[attribute == 1].mean() + along[attribute == 0].mean()) / 2
    return {"vector": vector.tolist(), "strength": float(((along > border) == (attribute == 1)).mean())}


def main():
    codes = wave(40, 6, 0.37)
    narrow, wide = np.tanh(codes @ wave(6, 9, 0.71)), np.tanh(codes @ wave(6, 90, 0.53))
    attribute = (codes @ wave(6, 1, 0.9)[:, 0] + 0.4 * np.sin(np.arange(40)) > 0.1).astype(float)
    out = {
        "numpy": np.__version__,
        "sefa": sefa(wave(6, 30, 0.71), 4),
        "pca_narrow": pca(narrow, codes, 4),
        "pca_wide": pca(wide, codes, 4),
        "attribute": attribute.astype(int).tolist(),
        "probe": probe(codes, attribute),
    }
    with open(sys.argv[1], "w") as file:
        json.dump(out, file, indent=1)
        file.write("\n")


main()
