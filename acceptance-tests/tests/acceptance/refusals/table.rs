//! What was seen, as aligned text.

/// One operation of one class.
pub(super) struct Row {
    pub(super) class: &'static str,
    pub(super) step: String,
    pub(super) code: Option<i32>,
    pub(super) seconds: f64,
    /// Summary of the error, and the first line of its reason.
    pub(super) words: String,
    /// What was there after it.
    pub(super) left: String,
    /// What became of the next apply or destroy.
    pub(super) next: String,
    /// What is wrong, and what was said.
    pub(super) wrong: Vec<String>,
}

/// Columns are no wider than this.
const WIDEST: usize = 400;

impl Row {
    /// What is wrong, each with its row.
    pub(super) fn complaints(&self) -> Vec<String> {
        let named = |wrong: &String| format!("{}, {}: {wrong}", self.class, self.step);
        self.wrong.iter().map(named).collect()
    }

    fn cells(&self) -> [String; 8] {
        let wrong = if self.wrong.is_empty() { "" } else { "WRONG" };
        [
            self.class.to_owned(),
            self.step.clone(),
            self.code.map_or_else(|| "-".to_owned(), |code| code.to_string()),
            format!("{:.1}", self.seconds),
            self.left.clone(),
            self.next.clone(),
            wrong.to_owned(),
            self.words.chars().take(WIDEST).collect(),
        ]
    }
}

/// The rows below a head.
pub(super) fn text(rows: &[Row]) -> String {
    let head = ["refusal", "operation", "rc", "s", "left", "next", "", "words"].map(str::to_owned);
    let lines: Vec<[String; 8]> = std::iter::once(head).chain(rows.iter().map(Row::cells)).collect();
    let width = |column: usize| {
        let widths = lines.iter().map(|line| line[column].chars().count());
        widths.max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..8).map(width).collect();
    let aligned = |line: &[String; 8]| {
        let cells = line.iter().zip(&widths);
        let cells: Vec<String> = cells.map(|(cell, width)| format!("{cell:<width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    lines.iter().map(aligned).collect::<Vec<_>>().join("\n")
}

/// Summary and first line of the reason of each error in what Terraform wrote.
pub(super) fn told(stderr: &str) -> String {
    let lines = stderr.lines().map(|line| line.trim_matches(['│', '╷', '╵', ' ']));
    let text = lines.collect::<Vec<_>>().join("\n");
    let errors = text.split("\nError: ").skip(1).map(|error| {
        let mut paragraphs = error.split("\n\n").map(|text| text.trim().replace('\n', " "));
        let summary = paragraphs.next().unwrap_or_default();
        let reason = paragraphs.find(|text| !text.starts_with("with ")).unwrap_or_default();
        format!("{summary} | {reason}")
    });
    errors.collect::<Vec<_>>().join(" || ")
}
