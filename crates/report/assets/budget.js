
// What a number of runs may be expected to find.
const budgetBox = find('#budget');
if (budgetBox && data.budget.length) {
  const colour = (at) => (at === 0 ? getComputedStyle(document.body).color : onGround(data.budget.length > 2 ? (at - 1) / (data.budget.length - 2) : 0.5));
  let drawn = null;
  const draw = calmly(() => {
    drawn?.destroy();
    const tables = data.budget.map(({ values }) => [values.map((_, at) => at + 1), values]);
    const main = new Map(data.budget.map(({ label, values }, at) => [at + 1, { name: label, colour: colour(at), last: values.length }]));
    find('#budget-legend').replaceChildren(...[...main.values()].map(entry));
    const series = data.budget.map((_, at) => ({ stroke: colour(at), width: 2, dash: at === 0 ? [6, 4] : [], points: { show: false } }));
    drawn = chart(budgetBox, { tables, series, main, label: 'runs', title: (x) => (x === 1 ? '1 run' : `${integer(x)} runs`) });
  });
  redraws(budgetBox, draw);
} else if (budgetBox) {
  find('#budget-box').hidden = true;
}
