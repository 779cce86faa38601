//! Student's t: how wide an interval from few samples must be.

/// The 97.5 % quantile of Student's distribution: half of what a two-sided 95 % interval needs.
///
/// For 1 and 2 degrees of freedom the closed form; above, the expansion of Cornish and Fisher (Abramowitz and Stegun,
/// *Handbook of Mathematical Functions*, 1964, 26.7.5), which is right to 0.1 %. Degrees of freedom need not be whole
/// (Welch); those below 3 are rounded down, which widens the interval. Below 1 there is no interval: infinity.
///
/// ```
/// use cyclade_report::statistics::student_975;
/// assert!((student_975(4.0) / 2.776 - 1.0).abs() < 0.001);
/// ```
pub fn student_975(degrees_of_freedom: f64) -> f64 {
    /// The same quantile of the normal distribution.
    const Z: f64 = 1.959_963_984_540_054;
    let v = degrees_of_freedom;
    if v.is_nan() || v < 1.0 {
        return f64::INFINITY;
    }
    if v < 2.0 {
        return (std::f64::consts::PI * 0.475).tan();
    }
    if v < 3.0 {
        return 0.95 * f64::sqrt(2.0 / (1.0 - 0.95 * 0.95));
    }
    let (z3, z5, z7, z9) = (Z.powi(3), Z.powi(5), Z.powi(7), Z.powi(9));
    Z + (z3 + Z) / (4.0 * v)
        + (5.0 * z5 + 16.0 * z3 + 3.0 * Z) / (96.0 * v.powi(2))
        + (3.0 * z7 + 19.0 * z5 + 17.0 * z3 - 15.0 * Z) / (384.0 * v.powi(3))
        + (79.0 * z9 + 776.0 * z7 + 1482.0 * z5 - 1920.0 * z3 - 945.0 * Z) / (92_160.0 * v.powi(4))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As printed tables have it.
    const TABLE: [(f64, f64); 12] = [
        (1.0, 12.706),
        (2.0, 4.303),
        (3.0, 3.182),
        (4.0, 2.776),
        (5.0, 2.571),
        (6.0, 2.447),
        (8.0, 2.306),
        (10.0, 2.228),
        (15.0, 2.131),
        (20.0, 2.086),
        (30.0, 2.042),
        (120.0, 1.980),
    ];

    #[test]
    fn agrees_with_the_printed_table() {
        for (v, t) in TABLE {
            assert!((student_975(v) / t - 1.0).abs() < 0.0012, "{v} degrees: {} is not {t}", student_975(v));
        }
    }

    #[test]
    fn fewer_degrees_of_freedom_never_narrow_the_interval() {
        let steps: Vec<f64> = (0..400).map(|step| student_975(0.5 + f64::from(step) * 0.05)).collect();
        assert!(steps.windows(2).all(|pair| pair[0] >= pair[1]));
    }
}
