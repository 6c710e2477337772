//! The tab of custom scalars: what belongs together in one chart, such as the losses of all networks.

use record::tag::{self, Kind};
use tensorboard_proto::layout::{Category, Chart, Layout, MultilineChartContent};

/// For training a chart for each group of at least two scalars, for the phases of any task; for evaluations a chart for each
/// quantity that several splits have, since quantities share no scale.
pub(super) fn of(tags: &[String]) -> Layout {
    let (mut training, mut evaluation) = (Charts::default(), Charts::default());
    for tag in tags {
        let (group, part) = tag::split(tag);
        match tag::group_of(tag) {
            Some(known) if known.kind == Kind::Evaluation => evaluation.add(part, tag),
            Some(known) => training.add(known.label, tag),
            None => training.add(if group.is_empty() { part } else { group }, tag),
        }
    }
    let categories = [("training", training), ("evaluation", evaluation)].into_iter();
    let categories = categories.filter_map(|(title, charts)| charts.category(title));
    let mut layout = Layout::new();
    layout.set_category(categories.collect());
    layout
}

/// Titles and their scalars, in the order of their first ones.
#[derive(Default)]
struct Charts<'a>(Vec<(&'a str, Vec<&'a str>)>);

impl<'a> Charts<'a> {
    fn add(&mut self, title: &'a str, tag: &'a str) {
        match self.0.iter_mut().find(|(known, _)| *known == title) {
            Some((_, tags)) => tags.push(tag),
            None => self.0.push((title, vec![tag])),
        }
    }

    /// `None` if no chart has two lines.
    fn category(self, title: &str) -> Option<Category> {
        let several = self.0.iter().filter(|(_, tags)| tags.len() > 1);
        let charts: Vec<Chart> = several.map(|(title, tags)| chart(title, tags)).collect();
        let mut category = Category::new();
        category.set_title(title.into());
        category.set_chart(charts.into());
        (!category.get_chart().is_empty()).then_some(category)
    }
}

fn chart(title: &str, tags: &[&str]) -> Chart {
    let mut lines = MultilineChartContent::new();
    // TensorBoard takes them as regular expressions.
    lines.set_tag(tags.iter().map(|tag| format!("^{}$", escaped(tag))).collect());
    let mut chart = Chart::new();
    chart.set_title(title.into());
    chart.set_multiline(lines);
    chart
}

fn escaped(tag: &str) -> String {
    tag.chars()
        .flat_map(|c| (!c.is_alphanumeric() && c != '_' && c != '/').then_some('\\').into_iter().chain([c]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn charts(tags: &[&str]) -> Vec<(String, Vec<(String, usize)>)> {
        let layout = of(&tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>());
        let summary = |chart: &Chart| (chart.get_title().to_owned(), chart.get_multiline().get_tag().len());
        let of =
            |category: &Category| (category.get_title().to_owned(), category.get_chart().iter().map(summary).collect());
        layout.get_category().iter().map(of).collect()
    }

    #[test]
    fn phases_of_any_names_share_a_chart() {
        let phases = ["generator_ab", "generator_ba", "discriminator_a", "discriminator_b"].map(tag::loss);
        let mut tags: Vec<&str> = phases.iter().map(String::as_str).collect();
        tags.push("speed/images_per_second");
        assert_eq!(charts(&tags), [("training".into(), vec![("loss".into(), 4)])]);
    }

    #[test]
    fn quantities_stand_apart_and_their_splits_together() {
        let found = charts(&["test/frechet", "train/frechet", "test/precision", "mine/a", "mine/b"]);
        let expected =
            [("training".into(), vec![("mine".into(), 2)]), ("evaluation".into(), vec![("frechet".into(), 2)])];
        assert_eq!(found, expected);
        assert_eq!(charts(&["loss/generator"]), []);
    }
}
