
// Edits of runs that the filter takes out are not shown.
page.addEventListener('filtered', () => {
  for (const edit of all('.edit')) edit.hidden = out.has(Number(edit.dataset.run));
});
