//! Unix times as people read them, in UTC.

/// `2026-11-22 14:50 UTC`
pub fn date(unix_secs: f64) -> String {
    let (day, time) = parts(unix_secs);
    format!("{day} {:02}:{:02} UTC", time / 3600, time % 3600 / 60)
}

/// `2026-11-22 14:50:07 UTC`
pub fn moment(unix_secs: f64) -> String {
    let (day, time) = parts(unix_secs);
    format!("{day} {:02}:{:02}:{:02} UTC", time / 3600, time % 3600 / 60, time % 60)
}

/// The day, and the seconds since it began.
fn parts(unix_secs: f64) -> (String, i64) {
    let secs = unix_secs as i64;
    let (days, time) = (secs.div_euclid(86400), secs.rem_euclid(86400));
    // Howard Hinnant, "chrono-compatible low-level date algorithms": days to civil.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (format!("{year}-{month:02}-{day:02}"), time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_utc() {
        let check = |secs, expected: &str| assert_eq!(date(secs), expected);
        check(0.0, "1970-01-01 00:00 UTC");
        check(951_782_400.0, "2000-02-29 00:00 UTC");
        check(1_795_359_000.9, "2026-11-22 14:50 UTC");
        check(-1.0, "1969-12-31 23:59 UTC");
        assert_eq!(moment(1_795_359_007.9), "2026-11-22 14:50:07 UTC");
    }
}
