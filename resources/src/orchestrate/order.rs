//! The order of parts: each level is applied and ready before the next.

use super::part::Part;

/// Indices of the parts by level. The first part, the holder of the mark, is a level of its own.
///
/// An address in `after` that is not among the parts is ignored: the part is then not rendered.
#[must_use]
pub fn levels(parts: &[Part]) -> Vec<Vec<usize>> {
    let mut levels: Vec<Vec<usize>> = Vec::new();
    let mut placed: Vec<usize> = Vec::new();
    if !parts.is_empty() {
        levels.push(vec![0]);
        placed.push(0);
    }
    while placed.len() < parts.len() {
        let is_placed = |address: &str| {
            parts
                .iter()
                .position(|part| part.address == address)
                .is_none_or(|index| placed.contains(&index))
        };
        let mut level: Vec<usize> = (0..parts.len())
            .filter(|index| !placed.contains(index) && parts[*index].after.iter().all(|address| is_placed(address)))
            .collect();
        if level.is_empty() {
            // A circle can't come out of the renderers; were there one, its parts still have to be applied.
            level = (0..parts.len()).filter(|index| !placed.contains(index)).collect();
        }
        placed.extend(&level);
        levels.push(level);
    }
    levels
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn part(address: &str, after: &[&str]) -> Part {
        let manifest = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "b"}});
        Part {
            after: after.iter().map(|address| (*address).to_owned()).collect(),
            ..Part::new(address, manifest)
        }
    }

    #[test]
    fn dependants_come_after_what_they_wait_for() {
        let parts = [
            part("config", &[]),
            part("certificate", &["issuer"]),
            part("issuer", &[]),
            part("service", &["absent"]),
        ];
        assert_eq!(levels(&parts), [vec![0], vec![2, 3], vec![1]]);
        assert!(levels(&[]).is_empty());
    }
}
