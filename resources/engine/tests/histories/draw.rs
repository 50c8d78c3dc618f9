//! Draws arguments: graphs of one to eight parts with links and roles.

use crate::args::{Args, Spec};
use crate::random::Random;

const KINDS: [&str; 7] = ["Named", "Named", "Given", "Maker", "Upsert", "Named", "Wait"];

/// New arguments.
pub fn args(random: &mut Random, prefix: &str) -> Args {
    let mut args = Args::new();
    if random.chance(20) {
        args.push(spec("space", "Space", &format!("{prefix}space"), random));
    }
    let count = 1 + random.below(8 - args.len());
    for index in 0..count {
        let kind = if args.is_empty() && index == 0 {
            random.pick(&["Named", "Given", "Maker"])
        } else {
            random.pick(&KINDS)
        };
        // What a maker's controller makes is named by its address.
        let letter = if prefix.is_empty() { 'p' } else { 'q' };
        let mut spec = spec(&format!("{letter}{index}"), kind, &format!("{prefix}n{index}"), random);
        link(&mut spec, &args, random);
        args.push(spec);
    }
    args
}

fn spec(address: &str, kind: &'static str, name: &str, random: &mut Random) -> Spec {
    Spec {
        address: address.to_owned(),
        kind,
        name: name.to_owned(),
        shape: random.pick(&["round", "flat"]).to_owned(),
        // The Secret of a maker is named by its value: of one value there is one maker.
        value: format!("{address}-{}", random.pick(&["a", "b"])),
        link: None,
        root: None,
        after: None,
        ready: kind == "Wait" || random.chance(40),
        keep: false,
    }
}

fn link(spec: &mut Spec, earlier: &Args, random: &mut Random) {
    let linkable: Vec<String> = earlier
        .iter()
        .filter(|one| one.kind != "Wait")
        .map(|one| one.address.clone())
        .collect();
    if linkable.is_empty() {
        return;
    }
    if random.chance(35) {
        spec.link = Some(random.pick(&linkable));
    }
    if spec.kind == "Given" && random.chance(25) {
        spec.root = Some(random.pick(&linkable));
    }
    if random.chance(25) {
        spec.after = Some(random.pick(&linkable));
    }
    if matches!(spec.kind, "Named" | "Upsert") && random.chance(8) {
        spec.keep = true;
    }
}

/// What a user changes: adds, changes, renames and removes parts.
pub fn change(random: &mut Random, before: &Args) -> Args {
    let mut args = before.clone();
    for _ in 0..=random.below(3) {
        let index = random.below(args.len());
        match random.below(6) {
            0 if args.len() < 8 => {
                let number = random.below(20);
                let address = format!("x{number}");
                if !args.iter().any(|one| one.address == address) {
                    let kind = random.pick(&KINDS);
                    let mut added = spec(&address, kind, &format!("nx{number}"), random);
                    link(&mut added, &args, random);
                    args.push(added);
                }
            }
            1 if index > 0 => {
                let gone = args.remove(index);
                for one in &mut args {
                    one.link = one.link.take().filter(|address| *address != gone.address);
                    one.root = one.root.take().filter(|address| *address != gone.address);
                    one.after = one.after.take().filter(|address| *address != gone.address);
                }
            }
            2 if args[index].kind != "Space" => {
                let name = args[index].name.trim_end_matches("-new").to_owned();
                args[index].name = if args[index].name == name {
                    format!("{name}-new")
                } else {
                    name
                };
            }
            // What we name can't change its shape in place.
            3 if args[index].kind == "Given" || random.chance(8) => {
                args[index].shape = random.pick(&["round", "flat"]).to_owned();
            }
            _ => {
                let address = args[index].address.clone();
                args[index].value = format!("{address}-{}", random.pick(&["a", "b", "c"]));
            }
        }
    }
    args
}
