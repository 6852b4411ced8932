/* The numeric core of the explorers: functions of src/convolutions, under the same names.
   A matrix is an array of rows; axes are (row, column); lengths are in pixels. Options that are
   pairs in the reference are a number or [rows, columns] here. */
(function (book) {
  "use strict";

  const FLOAT32_EPS = 2 ** -23;
  const RANK_TOLERANCE = 1e-5; // of the largest element or singular value

  /* ---- Matrices ---- */

  /** Return a matrix whose element at (i, j) is `value(i, j)`. */
  const matrix = (height, width, value) =>
    Array.from({ length: height }, (_, i) => Array.from({ length: width }, (_, j) => value(i, j)));

  /** Return (height, width). */
  const shape = (X) => [X.length, X[0].length];

  /** Return the numbers 0 to n - 1. */
  const range = (n) => Array.from({ length: n }, (_, i) => i);

  const transpose = (X) => matrix(X[0].length, X.length, (i, j) => X[j][i]);
  const matmul = (A, B) => {
    const columns = transpose(B);
    return A.map((row) => columns.map((column) => dot(row, column)));
  };
  const outer = (column, row) => column.map((c) => row.map((r) => c * r));
  const reshape = (flat, [height, width]) => matrix(height, width, (i, j) => flat[i * width + j]);
  const dot = (u, v) => u.reduce((sum, x, i) => sum + x * v[i], 0);
  const largest = (X) => X.flat().reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const as_pair = (value) => (typeof value === "number" ? [value, value] : value);

  /* ---- correlation ---- */

  /** Return how many positions a window of `k` elements takes on an axis of `n` pixels. */
  function output_size(n, k, { padding = 0, stride = 1, dilation = 1 } = {}) {
    const padded = n + 2 * padding;
    const span = dilation * (k - 1) + 1;
    if (span > padded) {
      throw new RangeError(`kernel spans ${span} pixels, more than the padded axis of ${padded}`);
    }
    return Math.floor((padded - span) / stride) + 1;
  }

  /** Return each axis's own options: [{padding, stride, dilation} of the rows, of the columns]. */
  function by_axis(padding, stride, dilation) {
    const [p, s, d] = [padding, stride, dilation].map(as_pair);
    return [0, 1].map((axis) => ({ padding: p[axis], stride: s[axis], dilation: d[axis] }));
  }

  /** Return (height, width) of the output of a cross-correlation. */
  function output_shape(input_shape, kernel_shape, padding = 0, stride = 1, dilation = 1) {
    return by_axis(padding, stride, dilation).map((options, axis) =>
      output_size(input_shape[axis], kernel_shape[axis], options));
  }

  /** Return, for each window on an axis of `n` pixels, the positions that it reads. */
  function positions_read(n, k, { padding = 0, stride = 1, dilation = 1 } = {}) {
    const windows = output_size(n, k, { padding, stride, dilation });
    return range(windows).map((m) => range(k).map((a) => m * stride - padding + a * dilation));
  }

  /** Return how many trailing pixels of the padded axis lie beyond the last window. */
  function unread(n, k, { padding = 0, stride = 1, dilation = 1 } = {}) {
    const last = (output_size(n, k, { padding, stride, dilation }) - 1) * stride;
    return n + 2 * padding - (last + dilation * (k - 1) + 1);
  }

  /** Surround `X` with rows and columns of zeros. */
  function pad(X, padding) {
    const [p, q] = as_pair(padding);
    const [H, W] = shape(X);
    return matrix(H + 2 * p, W + 2 * q, (i, j) => X[i - p]?.[j - q] ?? 0);
  }

  /** Cross-correlate `X` with `K` under zero padding, stride and dilation. */
  function conv2d_general(X, K, padding = 0, stride = 1, dilation = 1) {
    const [rows, columns] = output_shape(shape(X), shape(K), padding, stride, dilation);
    const [[s, t], [d, e]] = [as_pair(stride), as_pair(dilation)];
    const padded = largest([as_pair(padding)]) > 0 ? pad(X, padding) : X;
    return matrix(rows, columns, (i, j) => {
      let sum = 0;
      for (let a = 0; a < K.length; a += 1) {
        const row = padded[i * s + a * d];
        for (let b = 0; b < K[a].length; b += 1) sum += row[j * t + b * e] * K[a][b];
      }
      return sum;
    });
  }

  /** Cross-correlate `X` with `K` at every position where `K` fits. */
  const corr2d = (X, K) => conv2d_general(X, K);

  /** Lay out every window of `X` as one row of a matrix. */
  function im2col(X, [h, w]) {
    const [rows, columns] = output_shape(shape(X), [h, w]);
    return range(rows * columns).map((p) =>
      range(h * w).map((q) => {
        const [i, j] = [Math.floor(p / columns), p % columns];
        return X[i + Math.floor(q / w)][j + (q % w)];
      }));
  }

  /** Return the matrix T for which T · vec(X) is vec(conv2d_general(X, K, …)). */
  function toeplitz(K, [H, W], padding = 0, stride = 1, dilation = 1) {
    const [[p, q], [s, t], [d, e]] = [padding, stride, dilation].map(as_pair);
    const [rows, columns] = output_shape([H, W], shape(K), padding, stride, dilation);
    const T = matrix(rows * columns, H * W, () => 0);
    T.forEach((row, position) => K.forEach((elements, a) => elements.forEach((element, b) => {
      const i = Math.floor(position / columns) * s + a * d - p;
      const j = (position % columns) * t + b * e - q;
      if (i >= 0 && i < H && j >= 0 && j < W) row[i * W + j] = element;
    })));
    return T;
  }

  /* ---- flipping ---- */

  /** Reverse both axes: half a turn. */
  const flip = (K) => K.map((row) => [...row].reverse()).reverse();

  /** Reverse the order of the columns only: a mirror image. */
  const flip_columns = (K) => K.map((row) => [...row].reverse());

  /** Convolve in the strict sense, at every position where `K` fits. */
  const conv2d = (X, K) => corr2d(X, flip(K));

  /** Cross-correlate at every overlap. */
  const corr2d_full = (X, K) => conv2d_general(X, K, [K.length - 1, K[0].length - 1]);

  /** Convolve in the strict sense at every overlap. */
  const conv2d_full = (X, K) => corr2d_full(X, flip(K));

  /** Return the kernel that strict convolution learns where correlation learns `K`. */
  const kernel_learned_by_convolution = (K) => flip(K);

  /* ---- edges ---- */

  const edge_kernels = () => [[[1, -1]], [[1], [-1]]];
  const second_derivative_kernel = () => [[1, -2, 1]];

  /** Return (down, right): kernels that differentiate along one axis and smooth along the other. */
  function smoothed_differences(smoothing) {
    const right = outer(smoothing, [-1, 0, 1]);
    return [transpose(right), right];
  }

  const sobel = () => smoothed_differences([1, 2, 1]);
  const prewitt = () => smoothed_differences([1, 1, 1]);
  const scharr = () => smoothed_differences([3, 10, 3]);

  /** Return a kernel for the derivative along `v` = (down, right). */
  function directional_kernel([down, right]) {
    const [D, R] = sobel();
    return matrix(3, 3, (i, j) => (down * D[i][j] + right * R[i][j]) / 8 + 0);
  }

  /** Return the Laplacian's kernel over 4 or 8 neighbors. */
  function laplacian(neighbors = 4) {
    const corner = neighbors === 8 ? 1 : 0;
    return [[corner, 1, corner], [1, -neighbors, 1], [corner, 1, corner]];
  }

  /** Return the kernel that takes the Laplacian over 4 neighbors from a pixel. */
  const sharpen = () => laplacian(4).map((row, i) => row.map((x, j) => Number(i === 1 && j === 1) - x + 0));

  const box_blur = (size) => matrix(size, size, () => 1 / size ** 2);

  /** Return positions -radius … radius and the Gaussian's weights there, which sum to 1. */
  function gaussian_weights(sigma, radius = Math.ceil(4 * sigma)) {
    const positions = range(2 * radius + 1).map((i) => i - radius);
    const heights = positions.map((x) => Math.exp(-(x ** 2) / (2 * sigma ** 2)));
    const total = heights.reduce((sum, x) => sum + x, 0);
    return [positions, heights.map((x) => x / total)];
  }

  /** Return the Gaussian kernel, of sum 1. */
  function gaussian_blur(sigma, radius) {
    const [, weights] = gaussian_weights(sigma, radius);
    return outer(weights, weights);
  }

  /** Return the kernel that blurs with a Gaussian and takes the Laplacian, in one. */
  function laplacian_of_gaussian(sigma, radius) {
    const [x, g] = gaussian_weights(sigma, radius);
    const second = dot(x.map((v) => v ** 2), g);
    const fourth = dot(x.map((v) => v ** 4), g);
    const curved = x.map((v, i) => (2 * (v ** 2 - second) * g[i]) / (fourth - second ** 2));
    return matrix(x.length, x.length, (i, j) => curved[i] * g[j] + g[i] * curved[j]);
  }

  /** Split a kernel of rank 1 into [column, row]; throw if its rank is another. */
  function separate(K) {
    const most = largest(K);
    const i = K.findIndex((row) => row.some((x) => Math.abs(x) === most));
    const j = K[i].findIndex((x) => Math.abs(x) === most);
    const column = K.map((row) => row[j]);
    const row = K[i].map((x) => x / K[i][j] + 0);
    const miss = largest(matrix(...shape(K), (a, b) => column[a] * row[b] - K[a][b]));
    if (most === 0 || miss > RANK_TOLERANCE * most) throw new RangeError("rank is not 1");
    return [column, row];
  }

  /* ---- learning ---- */

  /** Turn columns p and q of the list until they are at right angles; return whether they were. */
  function rotate(columns, vectors, p, q) {
    const [u, v] = [columns[p], columns[q]];
    const [alpha, beta, gamma] = [dot(u, u), dot(v, v), dot(u, v)];
    if (Math.abs(gamma) <= 1e-15 * Math.sqrt(alpha * beta)) return true;
    const zeta = (beta - alpha) / (2 * gamma);
    const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta ** 2));
    const cosine = 1 / Math.sqrt(1 + tangent ** 2);
    for (const pair of [columns, vectors]) {
      const [x, y] = [pair[p], pair[q]];
      pair[p] = x.map((value, i) => cosine * (value - tangent * y[i]));
      pair[q] = x.map((value, i) => cosine * (tangent * value + y[i]));
    }
    return false;
  }

  /** Return singular values, largest first, and right singular vectors (one-sided Jacobi). */
  function svd(A) {
    const n = A[0].length;
    const columns = transpose(A);
    const vectors = matrix(n, n, (i, j) => Number(i === j));
    for (let sweep = 0, done = false; sweep < 60 && !done; sweep += 1) {
      done = true;
      for (let p = 0; p < n; p += 1) {
        for (let q = p + 1; q < n; q += 1) done = rotate(columns, vectors, p, q) && done;
      }
    }
    return columns
      .map((column, i) => ({ value: Math.sqrt(dot(column, column)), vector: vectors[i] }))
      .sort((one, other) => other.value - one.value);
  }

  /** Return how many singular values exceed `rtol` times the largest. */
  function matrix_rank(A, rtol = RANK_TOLERANCE) {
    const values = svd(A).map(({ value }) => value);
    return values.filter((value) => value > rtol * values[0]).length;
  }

  /** Return the summed squared error of kernel `K`. */
  function squared_error(X, Y, K) {
    const [output, wanted] = [corr2d(X, K).flat(), Y.flat()];
    return output.reduce((sum, y, p) => sum + (y - wanted[p]) ** 2, 0);
  }

  /** Take steps of gradient descent from `start`; return [kernel, loss before each step]. */
  function descend(X, Y, start, { lr, steps }) {
    const [A, y] = [im2col(X, shape(start)), Y.flat()];
    const columns = transpose(A);
    const losses = [];
    let k = start.flat();
    for (let step = 0; step < steps; step += 1) {
      const error = A.map((row, p) => dot(row, k) - y[p]);
      losses.push(dot(error, error));
      k = k.map((element, q) => element - lr * 2 * dot(columns[q], error));
    }
    return [reshape(k, shape(start)), losses];
  }

  /** Return the share of the largest singular value below which one is rounding. */
  const cutoff = (X) => Math.max(...shape(X)) * FLOAT32_EPS;

  /** Return the kernel of least squared error; of several, the one of least norm. */
  function solve_kernel(X, Y, kernel_size) {
    const A = im2col(X, kernel_size);
    const moments = transpose(A).map((column) => dot(column, Y.flat()));
    const parts = svd(A);
    const k = moments.map(() => 0);
    for (const { value, vector } of parts) {
      if (value <= cutoff(X) * parts[0].value) continue;
      const along = dot(vector, moments) / value ** 2;
      vector.forEach((x, i) => { k[i] += along * x; });
    }
    return reshape(k, kernel_size);
  }

  /** Return AᵀA for A = im2col(X, kernel_size): half the loss's second derivative. */
  function normal_matrix(X, kernel_size) {
    const A = im2col(X, kernel_size);
    return matmul(transpose(A), A);
  }

  /** Return the learning rate beyond which descent on the summed squared error diverges. */
  const largest_stable_lr = (X, kernel_size) => 1 / svd(im2col(X, kernel_size))[0].value ** 2;

  /** Return how many directions of kernel space an image can tell apart. */
  const kernel_rank = (X, kernel_size) => matrix_rank(im2col(X, kernel_size), cutoff(X));

  /* ---- receptive_fields ---- */

  /** Return the span of a unit's field after layers [kernel, stride, dilation, …]. */
  const receptive_field = (layers) => trace(layers).at(-1)[0];

  /** Return [size, jump, start] of the input and after each layer. */
  function trace(layers) {
    const steps = [[1, 1, 0]];
    for (const [kernel, stride, dilation, padding = 0] of layers) {
      const [size, jump, start] = steps.at(-1);
      steps.push([size + dilation * (kernel - 1) * jump, jump * stride, start - padding * jump]);
    }
    return steps;
  }

  /** Return the first and the last input position that unit `index` sees on endless maps. */
  function input_region(layers, index) {
    let [first, last] = [index, index];
    for (const [kernel, stride, dilation, padding = 0] of [...layers].reverse()) {
      first = first * stride - padding;
      last = last * stride - padding + dilation * (kernel - 1);
    }
    return [first, last];
  }

  /** Return each position's share of the paths to a unit, from the first pixel of its field on. */
  function path_shares(layers) {
    let shares = [1];
    for (const [kernel, stride, dilation] of [...layers].reverse()) {
      const below = new Array((shares.length - 1) * stride + dilation * (kernel - 1) + 1).fill(0);
      shares.forEach((share, i) => range(kernel).forEach((a) => {
        below[i * stride + a * dilation] += share / kernel;
      }));
      shares = below;
    }
    return shares;
  }

  /** Return the positions that a unit depends on, from the first of them. */
  function touched(layers) {
    const shares = path_shares(layers);
    return range(shares.length).filter((i) => shares[i] > 0);
  }

  /** Return each of `n` pixels' share of the paths to unit `index`; padding passes nothing on. */
  function pixel_shares(layers, n, index) {
    const sizes = [n];
    for (const [kernel, stride, dilation, padding] of layers) {
      sizes.push(output_size(sizes.at(-1), kernel, { padding, stride, dilation }));
    }
    if (index < 0 || index >= sizes.at(-1)) throw new RangeError(`no unit ${index}`);
    let shares = range(sizes.at(-1)).map((i) => Number(i === index));
    [...layers].reverse().forEach(([kernel, stride, dilation, padding], level) => {
      const below = new Array(sizes.at(-2 - level)).fill(0);
      shares.forEach((share, i) => range(kernel).forEach((a) => {
        const read = i * stride - padding + a * dilation;
        if (read in below) below[read] += share / kernel;
      }));
      shares = below;
    });
    return shares;
  }

  /** Return which of `n` pixels unit `index` can see, dropping the padding at every level. */
  const receptive_field_mask = (layers, n, index) =>
    pixel_shares(layers, n, index).map((share) => share > 0);

  /** Return the share of paths at each pixel for `n` layers of `k` equal elements. */
  const influence = (n, k) => path_shares(range(n).map(() => [k, 1, 1]));

  /** Return the standard deviation of a distribution over the pixels of one axis. */
  function spread(weights) {
    const total = weights.reduce((sum, w) => sum + w, 0);
    const mean = weights.reduce((sum, w, i) => sum + w * i, 0) / total;
    return Math.sqrt(weights.reduce((sum, w, i) => sum + w * (i - mean) ** 2, 0) / total);
  }

  /** Return the standard deviation of `influence(n, k)` by formula. */
  const effective_sigma = (n, k) => Math.sqrt((n * (k ** 2 - 1)) / 12);

  const VGG_16 = [2, 2, 3, 3, 3].flatMap((count) =>
    [...range(count).map(() => [3, 1, 1, 1]), [2, 2, 1, 0]]);

  /* ---- channels: an image is a list of matrices, a kernel has a slice for each ---- */

  /** Cross-correlate an image of several channels with one kernel, or with a stack of them. */
  function corr2d_multi(X, K) {
    if (Array.isArray(K[0][0][0])) return K.map((kernel) => corr2d_multi(X, kernel));
    if (X.length !== K.length) throw new RangeError(`${X.length} channels, ${K.length} slices`);
    const maps = X.map((channel, c) => corr2d(channel, K[c]));
    return matrix(...shape(maps[0]), (i, j) => maps.reduce((sum, Y) => sum + Y[i][j], 0));
  }

  /** Mix the channels of each pixel by the matrix `W`: a row for each output channel. */
  function conv1x1(X, W) {
    if (X.length !== W[0].length) throw new RangeError(`${X.length} channels, ${W[0].length} columns`);
    return W.map((row) => matrix(...shape(X[0]), (i, j) => dot(row, X.map((channel) => channel[i][j]))));
  }

  /** Reduce each window of `X` to its maximum or mean; windows lie side by side without a stride. */
  function pool2d(X, size, stride = null, mode = "max") {
    if (mode !== "max" && mode !== "mean") throw new RangeError(`no mode ${mode}`);
    const [[h, w], [s, t]] = [as_pair(size), as_pair(stride ?? size)];
    const [rows, columns] = output_shape(shape(X), [h, w], 0, [s, t]);
    return matrix(rows, columns, (i, j) => {
      const window = range(h * w).map((q) => X[i * s + Math.floor(q / w)][j * t + (q % w)]);
      return mode === "max" ? Math.max(...window) : window.reduce((sum, x) => sum + x, 0) / (h * w);
    });
  }

  /** Return [parameters, multiply-adds] of a layer for one image of shape [in, H, W]. */
  function layer_costs([channels, ...image], kernel_shape, out_channels, padding = 0, stride = 1) {
    const [rows, columns] = output_shape(image, kernel_shape, padding, stride);
    const weights = out_channels * channels * kernel_shape[0] * kernel_shape[1];
    return [weights + out_channels, weights * rows * columns];
  }

  /* ---- images ---- */

  /** Return the 6×8 image of the course: white, with columns 2 to 5 black. */
  const stripes = () => matrix(6, 8, (_, j) => Number(j < 2 || j > 5));

  /** Return an image of normal deviates, the same for the same seed (mulberry32, Box–Muller). */
  function noise(height, width, seed) {
    let state = seed >>> 0;
    const uniform = () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = Math.imul(state ^ (state >>> 15), state | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 2 ** 32;
    };
    return matrix(height, width, () =>
      Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()));
  }

  book.core = Object.freeze({
    VGG_16, box_blur, conv1x1, conv2d, conv2d_full, conv2d_general, corr2d, corr2d_full,
    corr2d_multi, descend,
    directional_kernel, edge_kernels, effective_sigma, flip, flip_columns, gaussian_blur,
    gaussian_weights, im2col, influence, input_region, kernel_learned_by_convolution, kernel_rank,
    laplacian, laplacian_of_gaussian, largest, largest_stable_lr, layer_costs, matmul, matrix, matrix_rank,
    noise, normal_matrix, outer, output_shape, output_size, pad, path_shares, pixel_shares,
    pool2d, positions_read,
    prewitt, range, receptive_field, receptive_field_mask, scharr, second_derivative_kernel,
    separate, shape, sharpen, sobel, solve_kernel, spread, squared_error, stripes, svd, toeplitz, touched,
    trace, transpose, unread,
  });
})((globalThis.convolutions ??= {}));
