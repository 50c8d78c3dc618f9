//! The set-up on first use: builds the Go programs and the Python environment into the cache.
//!
//! Every step leaves its result under its final name only when it is whole, so an interrupted set-up goes on where
//! it stopped; a lock makes a second lab wait for the first.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::cache::{Cache, on_path};
use super::error::{Context as _, Result};
use super::hosts::{self, Host};
use super::progress::{Step, say};
use super::step::run;

const KUBERNETES: &str = "1.36.3";

/// The Go programs: name, package.
const PROGRAMS: [(&str, &str); 8] = [
    ("etcd", "go.etcd.io/etcd/server/v3"),
    ("kube-apiserver", "k8s.io/kubernetes/cmd/kube-apiserver"),
    (
        "kube-controller-manager",
        "k8s.io/kubernetes/cmd/kube-controller-manager",
    ),
    ("kube-scheduler", "k8s.io/kubernetes/cmd/kube-scheduler"),
    ("kwok", "sigs.k8s.io/kwok/cmd/kwok"),
    ("cert-manager", "./cert-manager"),
    ("cert-manager-webhook", "./cert-manager-webhook"),
    ("aws-privateca-issuer", "github.com/cert-manager/aws-privateca-issuer"),
];

/// Folders that are copied out of Go modules: module, folder in it, folder in the cache.
const FOLDERS: [(&str, &str, &str); 4] = [
    ("github.com/cert-manager/cert-manager", "deploy/crds", "crds"),
    (
        "github.com/cert-manager/aws-privateca-issuer",
        "config/crd/bases",
        "crds",
    ),
    ("sigs.k8s.io/kwok", "kustomize/stage/node/fast", "stages"),
    ("sigs.k8s.io/kwok", "kustomize/stage/pod/fast", "stages"),
];

/// Makes the cache whole, if it isn't yet.
///
/// # Errors
/// A program that the set-up needs is missing, or a build failed; the message says which and how.
pub fn ensure() -> Result<Cache> {
    let cache = Cache::locate()?;
    let done = cache.root.join("done");
    // Terraform may have gone from PATH since.
    let whole = || done.is_file() && hosts::terraform(&cache).is_file();
    if whole() {
        return Ok(cache);
    }
    fs::create_dir_all(cache.root.join("bin")).context(cache.root.display())?;
    let _lock = lock(&cache.root)?;
    if !whole() {
        say(&format!("first use: setting up {}", cache.root.display()));
        build(&cache)?;
        fs::write(&done, "").context(done.display())?;
    }
    Ok(cache)
}

fn lock(root: &Path) -> Result<File> {
    let path = root.join("lock");
    let file = File::create(&path).context(path.display())?;
    if file.try_lock().is_err() {
        let _step = Step::start("waiting for another lab that is setting up");
        file.lock().context(path.display())?;
    }
    Ok(file)
}

fn build(cache: &Cache) -> Result<()> {
    need("go", "Go 1.26 or newer builds the lab's Kubernetes")?;
    need("python3", "Python 3.10 or newer runs the AWS stand-ins")?;
    let missing = !hosts::terraform(cache).is_file();
    let steps = PROGRAMS.len() + 2 + usize::from(missing);
    let numbered = |step: usize, what: &str| Step::start(format!("{what} ({step}/{steps})"));
    {
        let _step = numbered(1, "installing moto, ministack, nginx and sslyze");
        python(cache)?;
    }
    {
        let _step = numbered(2, "fetching the Go modules");
        folders(cache)?;
    }
    for (index, (name, package)) in PROGRAMS.iter().enumerate() {
        let _step = numbered(index + 3, &format!("building {name}"));
        go_build(cache, name, package)?;
    }
    if missing {
        let _step = numbered(steps, "making the host that drives the provider");
        Host::chosen().build(cache)?;
    }
    Ok(())
}

fn need(program: &str, why: &str) -> Result<()> {
    on_path(program)
        .map(drop)
        .context(format!("{program} is not on PATH: {why}"))
}

fn go_build(cache: &Cache, name: &str, package: &str) -> Result<()> {
    let target = cache.program(name);
    if target.is_file() {
        return Ok(());
    }
    let part = cache.program(&format!(".{name}.part"));
    let mut command = Command::new("go");
    command
        .current_dir(cache.sources.join("go"))
        .args(["build", "-trimpath", "-mod=readonly", "-ldflags", &stamps()]);
    run(command.arg("-o").arg(&part).arg(package))?;
    fs::rename(&part, &target).context(target.display())
}

/// Linker flags without which Kubernetes says that it is v0.0.0.
fn stamps() -> String {
    let mut parts = KUBERNETES.splitn(3, '.');
    let (major, minor) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let package = "k8s.io/component-base/version";
    format!(
        "-s -w -X {package}.gitVersion=v{KUBERNETES} -X {package}.gitMajor={major} -X {package}.gitMinor={minor} \
         -X {package}.gitTreeState=clean -X k8s.io/client-go/pkg/version.gitVersion=v{KUBERNETES}"
    )
}

fn folders(cache: &Cache) -> Result<()> {
    for (module, from, to) in FOLDERS {
        let dir = module_dir(cache, module)?.join(from);
        let target = cache.root.join(to);
        fs::create_dir_all(&target).context(target.display())?;
        for entry in fs::read_dir(&dir).context(dir.display())?.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.ends_with(".yaml") && name != "kustomization.yaml" {
                let text = fs::read(entry.path()).context(entry.path().display())?;
                fs::write(target.join(&*name), text).context(target.display())?;
            }
        }
    }
    Ok(())
}

fn module_dir(cache: &Cache, module: &str) -> Result<PathBuf> {
    let go = cache.sources.join("go");
    run(Command::new("go").current_dir(&go).args(["mod", "download", module]))?;
    let output = run(Command::new("go")
        .current_dir(&go)
        .args(["list", "-m", "-f", "{{.Dir}}", module]))?;
    Ok(PathBuf::from(output.trim()))
}

fn python(cache: &Cache) -> Result<()> {
    let stamp = cache.root.join("venv/complete");
    if stamp.is_file() {
        return Ok(());
    }
    let venv = cache.root.join("venv");
    let requirements = cache.sources.join("python/requirements.txt").display().to_string();
    super::python::install(&venv, &["--no-deps", "-r", &requirements])?;
    fs::write(&stamp, "").context(stamp.display())
}

#[cfg(test)]
mod tests {
    use super::stamps;

    #[test]
    fn stamps_name_the_version() {
        let stamps = stamps();
        assert!(stamps.contains("gitVersion=v1.36.3"), "{stamps}");
        assert!(
            stamps.contains("gitMajor=1 ") && stamps.contains("gitMinor=36 "),
            "{stamps}"
        );
    }
}
