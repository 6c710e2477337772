//! Script, style and the policy that admits them and nothing else.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

pub(super) const PLOT_SCRIPT: &str = include_str!("../../vendor/uplot-1.6.32/uPlot.iife.min.js");
pub(super) const PLOT_LICENCE: &str = include_str!("../../vendor/uplot-1.6.32/LICENSE");
const PLOT_STYLE: &str = include_str!("../../vendor/uplot-1.6.32/uPlot.min.css");

/// The parts share one scope.
pub(super) const SCRIPT: &str = concat!(
    "(() => {\n'use strict';\n",
    include_str!("../../assets/page.js"),
    include_str!("../../assets/theme.js"),
    include_str!("../../assets/colour.js"),
    include_str!("../../assets/svg.js"),
    include_str!("../../assets/plot.js"),
    include_str!("../../assets/curves.js"),
    include_str!("../../assets/configurations.js"),
    include_str!("../../assets/media.js"),
    include_str!("../../assets/samples.js"),
    include_str!("../../assets/compare.js"),
    include_str!("../../assets/parallel.js"),
    include_str!("../../assets/settings.js"),
    include_str!("../../assets/budget.js"),
    include_str!("../../assets/logits.js"),
    include_str!("../../assets/times.js"),
    include_str!("../../assets/balance.js"),
    include_str!("../../assets/edits.js"),
    include_str!("../../assets/filter.js"),
    include_str!("../../assets/table.js"),
    include_str!("../../assets/reproduce.js"),
    "})();\n"
);

/// The style of the page; `palette` holds the rules that depend on the sweep.
pub(super) fn style(palette: &str) -> String {
    [
        PLOT_STYLE,
        include_str!("../../assets/page.css"),
        include_str!("../../assets/table.css"),
        include_str!("../../assets/charts.css"),
        include_str!("../../assets/samples.css"),
        include_str!("../../assets/edits.css"),
        include_str!("../../assets/narrow.css"),
        palette,
    ]
    .concat()
}

/// The content security policy: no network, no script or style but these; no picture and no sound, if the page has
/// `sounds`, but those in the page and, where some are `linked`, those beside it.
pub(super) fn policy(style: &str, linked: bool, sounds: bool) -> String {
    let beside = if linked { " 'self' file:" } else { "" };
    let sounds = if sounds { format!(" media-src data:{beside};") } else { String::new() };
    let [plot, script, style] = [PLOT_SCRIPT, SCRIPT, style].map(hash);
    format!(
        "default-src 'none'; script-src {plot} {script}; style-src {style}; img-src data:{beside};{sounds} base-uri 'none'; \
         form-action 'none'"
    )
}

fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vendored_files_are_the_published_ones() {
        let check = |text: &str, expected: &str| assert_eq!(format!("{:x}", Sha256::digest(text)), expected);
        // npm, uplot 1.6.32: dist/uPlot.iife.min.js, dist/uPlot.min.css, LICENSE.
        check(PLOT_SCRIPT, "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f");
        check(PLOT_STYLE, "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04");
        check(PLOT_LICENCE, "8f989229699b4fe2f1a0432d0e9edc338a8a911e250e2d1b01ecd770a5f5b1bd");
    }

    /// A browser hashes what its parser sees: a closing tag would end the element early, and a carriage return would be
    /// read as a line feed.
    #[test]
    fn what_is_embedded_is_what_is_hashed() {
        let style = style("");
        for text in [PLOT_SCRIPT, SCRIPT, &style] {
            let lower = text.to_lowercase();
            assert!(["</script", "<!--", "</style", "\r"].iter().all(|end| !lower.contains(end)));
        }
    }

    #[test]
    fn hashes_are_as_the_standard_has_them() {
        // CSP Level 3, section 8.3's form, with FIPS 180-4's digest of "abc".
        assert_eq!(hash("abc"), "'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='");
    }
}
