//! The tab of custom scalars: what belongs together in one chart, such as both networks' losses.

use tensorboard_proto::layout::{Category, Chart, Layout, MultilineChartContent};

/// A chart for each group of at least two tags, `loss/generator` beside `loss/discriminator`.
pub(super) fn of(tags: &[String]) -> Layout {
    let mut groups: Vec<(&str, Vec<&String>)> = Vec::new();
    for tag in tags {
        let name = tag.split('/').next().unwrap_or(tag);
        match groups.iter_mut().find(|(known, _)| *known == name) {
            Some((_, tags)) => tags.push(tag),
            None => groups.push((name, vec![tag])),
        }
    }
    let mut category = Category::new();
    category.set_title("balance of both networks".into());
    category.set_chart(
        groups.into_iter().filter(|(_, tags)| tags.len() > 1).map(|(name, tags)| chart(name, &tags)).collect(),
    );
    let mut layout = Layout::new();
    layout.set_category(vec![category].into());
    layout
}

fn chart(title: &str, tags: &[&String]) -> Chart {
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
