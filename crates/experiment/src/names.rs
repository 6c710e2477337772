//! Names from the user in messages: quoted, with suggestions.

/// Characters of a name or value that are quoted in a message.
const MAX_QUOTE: usize = 60;
/// Names that share their beginning this much (Jaro-Winkler) are alike even if their ends differ.
const MIN_SIMILARITY: f64 = 0.87;

/// A name or value from the user, in backticks, without control characters and not too long.
pub(crate) fn quote(text: &str) -> String {
    let mut shown: String = text.chars().take(MAX_QUOTE).map(printable).collect();
    if text.chars().nth(MAX_QUOTE).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// `did you mean ...` for the nearest of `names`, else the names themselves, the first of them if they are many.
pub(crate) fn suggest<'a>(name: &str, names: impl IntoIterator<Item = &'a str> + Clone) -> Option<String> {
    if let Some(near) = nearest(name, names.clone()) {
        return Some(format!("did you mean `{near}`?"));
    }
    let names: Vec<String> = names.into_iter().map(quote).collect();
    match names.len() {
        0 => None,
        1 => Some(format!("the only valid name is {}", names[0])),
        2..=12 => Some(format!("valid names: {}", names.join(", "))),
        many => Some(format!("valid names: {} and {} more", names[..6].join(", "), many - 6)),
    }
}

/// The name that `name` is most likely a slip of.
pub(crate) fn nearest<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > MAX_QUOTE {
        return None;
    }
    let spelling = |text: &str| text.to_lowercase().replace('-', "_");
    let wanted = spelling(name);
    names
        .into_iter()
        .map(|known| {
            let known_spelling = spelling(known);
            let distance = strsim::osa_distance(&wanted, &known_spelling);
            let longest = wanted.chars().count().max(known_spelling.chars().count());
            let similarity = strsim::jaro_winkler(&wanted, &known_spelling);
            (known, distance, longest, similarity)
        })
        .filter(|(_, distance, longest, similarity)| {
            let is_slip = *distance <= (longest / 3).max(1) && distance < longest;
            is_slip || *similarity >= MIN_SIMILARITY
        })
        .min_by(|a, b| a.1.cmp(&b.1).then(b.3.total_cmp(&a.3)))
        .map(|(known, ..)| known)
}

/// A terminal must not obey what a file holds, and a tab must not move the marker.
fn printable(character: char) -> char {
    match character {
        '\t' => ' ',
        _ if character.is_control() || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => {
            '\u{fffd}'
        }
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_a_slip_not_a_guess() {
        let names = ["lr", "beta1", "beta2", "weight_decay"];
        for (name, expected) in [
            ("betas1", Some("beta1")),
            ("Beta2", Some("beta2")),
            ("weight-decay", Some("weight_decay")),
            ("l", Some("lr")),
            ("rl", Some("lr")),
            ("weights", Some("weight_decay")),
            ("momentum", None),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(nearest(name, names), expected, "{name}");
        }
    }
}
