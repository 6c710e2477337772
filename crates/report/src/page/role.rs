//! What a page says of a role.

use record::Role;

/// As a heading.
pub(super) fn title(role: &Role) -> String {
    let text = role.to_string();
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// How to read what is shown; empty where nothing is known of the role.
pub(super) fn note(role: &Role) -> &'static str {
    match role {
        role if *role == Role::SAMPLES => "Fixed latents: a cell shows the same latent at every step and in every run.",
        role if *role == Role::OUTPUT => "Fixed inputs: a cell shows the same input at every step and in every run.",
        role if *role == Role::TRANSLATION => {
            "A row for each of the fixed inputs, the same in every run: the input, what was made of it, perhaps what was made of \
             that on the way back, and the target, where the data have one."
        }
        role if *role == Role::INTERPOLATION => {
            "Samples on straight lines between two latents, a row or a curve for each: jumps are modes, equal ends are a \
             collapse."
        }
        role if *role == Role::NEIGHBOURS => {
            "A row of samples, and under each the nearest training sample: pairs that are alike are memorised."
        }
        _ => "",
    }
}
