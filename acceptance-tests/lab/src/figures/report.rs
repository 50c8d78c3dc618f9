//! The figures beside what they shall be.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter, Write as _};

use serde::Serialize;

use super::command::Cost;
use super::handshake::Start;
use super::workload::{Costs, Round, Workload};

/// What a value is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A number.
    Count,
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
    /// Millions of bytes.
    Megabytes,
}

/// One figure.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    /// What was measured.
    pub name: String,
    /// The value.
    pub value: f64,
    /// Its unit.
    pub unit: Unit,
    /// The most that it shall be, where something was promised.
    pub limit: Option<f64>,
    /// Whether it is.
    pub reached: Option<bool>,
    /// The same of other providers, where it was measured.
    pub peers: Option<&'static str>,
}

/// All figures, and the requests behind them.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// The figures.
    pub figures: Vec<Figure>,
    /// What each command cost.
    pub commands: BTreeMap<String, Cost>,
}

impl Report {
    fn add(&mut self, name: String, value: f64, unit: Unit, limit: Option<f64>, peers: Option<&'static str>) {
        let reached = limit.map(|limit| value <= limit);
        self.figures.push(Figure {
            name,
            value,
            unit,
            limit,
            reached,
            peers,
        });
    }

    pub(super) fn size(&mut self, bytes: u64) {
        let peers = "tls 19.6, kubectl 81.5, kubernetes 85.5";
        self.add(
            "binary, stripped".to_owned(),
            megabytes(bytes),
            Unit::Megabytes,
            Some(18.0),
            Some(peers),
        );
    }

    pub(super) fn handshake(&mut self, name: &str, encrypted: bool, start: &Start) {
        let millis = start.time.as_secs_f64() * 1e3;
        let limit = if encrypted { 3.0 } else { 2.0 };
        let peers = "tls 5.0, kubectl 25.8, kubernetes 32";
        self.add(
            format!("exec to handshake, {name}"),
            millis,
            Unit::Milliseconds,
            Some(limit),
            Some(peers),
        );
        let peers = "tls 16.7, kubectl 51, kubernetes 62";
        let memory = megabytes(start.resident);
        self.add(
            format!("resident at handshake, {name}"),
            memory,
            Unit::Megabytes,
            Some(8.0),
            Some(peers),
        );
    }

    pub(super) fn workload(&mut self, workload: Workload, costs: &Costs) {
        let (name, apply_requests, hundred) = match workload {
            Workload::Proxies(count) => (
                format!("{count} proxies"),
                Some(2 * costs.objects + count),
                count == 100,
            ),
            Workload::Stacks(count) => (format!("{count} stacks"), None, false),
        };
        let is_proxy = matches!(workload, Workload::Proxies(_));
        let when = |limit: f64| hundred.then_some(limit);
        let peers = |text: &'static str| hundred.then_some(text);
        self.add(
            format!("{name}: objects"),
            float(costs.objects),
            Unit::Count,
            None,
            None,
        );
        for (command, cost) in [
            ("apply", &costs.apply),
            ("no-op plan", &costs.plan),
            ("destroy", &costs.destroy),
        ] {
            let (requests, seconds, memory, seen) = match command {
                "apply" => (apply_requests.map(float), None, when(32.0), ["2775", "132", "155"]),
                "no-op plan" => (is_proxy.then_some(100.0), when(1.0), when(32.0), ["1505", "37", "155"]),
                _ => (when(1100.0), when(12.0), when(32.0), ["2715", "146", "155"]),
            };
            let peers = |index: usize| peers(seen[index]).filter(|text| !text.is_empty());
            let counts = &cost.counts;
            let label = |what: &str| format!("{name}, {command}: {what}");
            self.add(
                label("Kubernetes requests"),
                float(counts.kube),
                Unit::Count,
                requests,
                peers(0),
            );
            self.add(
                label("once per namespace or process"),
                float(counts.fixed),
                Unit::Count,
                None,
                None,
            );
            self.add(label("watches"), float(counts.watches), Unit::Count, None, None);
            self.add(label("AWS requests"), float(counts.aws), Unit::Count, None, None);
            self.add(label("time"), cost.seconds, Unit::Seconds, seconds, peers(1));
            if let Some(waits) = cost.waits {
                let each = |what: &str| label(&format!("median wait for {what}"));
                self.add(each("a certificate"), waits.issuance, Unit::Seconds, None, None);
                self.add(each("a rollout"), waits.rollout, Unit::Seconds, None, None);
            }
            self.add(
                label("peak of the provider"),
                megabytes(cost.peak_bytes),
                Unit::Megabytes,
                memory,
                peers(2),
            );
            self.commands.insert(format!("{name}, {command}"), cost.clone());
        }
        self.beside(&name, &costs.rounds);
    }

    /// First applies beside the limit, round by round: how long they may take follows from the limit of the same round.
    fn beside(&mut self, name: &str, rounds: &[Round]) {
        for (index, round) in rounds.iter().enumerate() {
            let limit = round.limits.iter().sum::<f64>() / 2.0;
            let label = |what: &str| format!("{name}, round {}: {what}", index + 1);
            self.add(label("the limit"), limit, Unit::Seconds, None, None);
            for (how, cost, times, memory) in [
                ("ten at a time", &round.default, 1.9, 32.0),
                ("50 at a time", &round.parallel, 1.35, 48.0),
            ] {
                self.add(label(how), cost.seconds, Unit::Seconds, Some(times * limit), None);
                let peak = label(&format!("{how}, peak"));
                self.add(peak, megabytes(cost.peak_bytes), Unit::Megabytes, Some(memory), None);
            }
        }
    }

    /// The requests of each command by method and kind.
    #[must_use]
    pub fn calls(&self) -> String {
        let mut text = String::new();
        for (name, cost) in &self.commands {
            text += &format!("\n{name} ({} refused)\n", cost.counts.refused);
            for (kind, count) in &cost.counts.by_kind {
                // Writing to a String can't fail.
                let _ = writeln!(text, "{count:>6}  {kind}");
            }
        }
        text
    }
}

impl Display for Report {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        writeln!(
            formatter,
            "{:<48} {:>10}  {:>8}  {:<6}  peers",
            "figure", "value", "at most", ""
        )?;
        for figure in &self.figures {
            let show = |value: f64| match figure.unit {
                Unit::Count => format!("{value:.0}"),
                Unit::Seconds => format!("{value:.1} s"),
                Unit::Milliseconds => format!("{value:.2} ms"),
                Unit::Megabytes => format!("{value:.1} MB"),
            };
            let limit = figure.limit.map(show).unwrap_or_default();
            let verdict = figure
                .reached
                .map_or("", |reached| if reached { "ok" } else { "MISSED" });
            let (name, value, peers) = (&figure.name, show(figure.value), figure.peers.unwrap_or_default());
            writeln!(formatter, "{name:<48} {value:>10}  {limit:>8}  {verdict:<6}  {peers}")?;
        }
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "figures are far below 2^52")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

#[expect(clippy::cast_precision_loss, reason = "figures are far below 2^52")]
fn float(count: usize) -> f64 {
    count as f64
}
