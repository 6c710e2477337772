//! A colour for each configuration. Seeds of one configuration share it and differ by dash.

use std::fmt::Write;

/// Okabe and Ito's colours and two more, that most colour-blind readers can distinguish; darker or lighter for contrast with the
/// ground.
const LIGHT: [&str; 8] = ["#0072b2", "#d55e00", "#008f6b", "#b8528f", "#b87f00", "#3a9fd6", "#6f52b8", "#7a7d00"];
const DARK: [&str; 8] = ["#4ea8e0", "#ff8a3d", "#2cc295", "#e591c0", "#f0b83a", "#8fd0f5", "#a990ec", "#c3c64a"];

/// Viridis at five places; for configurations that are too many for names.
const VIRIDIS: [[f64; 3]; 5] =
    [[68.0, 1.0, 84.0], [59.0, 82.0, 139.0], [33.0, 145.0, 140.0], [94.0, 201.0, 98.0], [253.0, 231.0, 37.0]];

/// The style rules that give class `c<group>` its colour `--c`.
pub(super) fn style(groups: usize) -> String {
    let mut rules = String::new();
    for group in 0..groups {
        let [light, dark] = colours(group, groups);
        let _ = write!(rules, ".c{group}{{--c:light-dark({light},{dark})}}");
    }
    rules
}

fn colours(group: usize, groups: usize) -> [String; 2] {
    if groups <= LIGHT.len() {
        return [LIGHT[group].into(), DARK[group].into()];
    }
    // Neither the end that is lost on white nor the one that is lost on black.
    let place = group as f64 / (groups - 1) as f64;
    [viridis(0.85 * place), viridis(0.25 + 0.75 * place)]
}

fn viridis(place: f64) -> String {
    let scaled = place * (VIRIDIS.len() - 1) as f64;
    let stop = (scaled as usize).min(VIRIDIS.len() - 2);
    let part = scaled - stop as f64;
    let [red, green, blue] = [0, 1, 2]
        .map(|channel| (VIRIDIS[stop][channel] * (1.0 - part) + VIRIDIS[stop + 1][channel] * part).round() as u8);
    format!("#{red:02x}{green:02x}{blue:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_configuration_has_a_colour_of_its_own() {
        for groups in [1, 8, 9, 200] {
            let mut light: Vec<_> = (0..groups).map(|group| colours(group, groups)[0].clone()).collect();
            light.sort();
            light.dedup();
            assert_eq!(light.len(), groups);
        }
    }
}
