//! The end of a container within its grace period.

use std::time::Duration;

use k8s_openapi::api::core::v1::{Container, LifecycleHandler};
use rustix::process::Signal;
use tokio::time::{Instant, timeout_at};

use super::Context;
use super::env::Launch;
use super::process;
use super::workload::Workload;
use crate::kubelet::probe;

/// Runs the preStop hook, signals the main process, and kills the group when the grace period is over.
pub(crate) async fn stop(context: &Context, container: &Container, workload: &mut Workload, grace: Duration) -> i32 {
    let end = Instant::now() + grace;
    let hook = container
        .lifecycle
        .as_ref()
        .and_then(|lifecycle| lifecycle.pre_stop.as_ref());
    if let Some(hook) = hook {
        let inside = workload.inside();
        tokio::select! {
            _ = timeout_at(end, run_hook(context, container, hook, inside, grace)) => {}
            code = workload.wait() => return code,
            () = context.kill.cancelled() => {}
        }
    }
    workload.signal(signal(container));
    tokio::select! {
        code = workload.wait() => return code,
        () = tokio::time::sleep_until(end) => {}
        () = context.kill.cancelled() => {}
    }
    workload.kill();
    workload.wait().await
}

async fn run_hook(
    context: &Context,
    container: &Container,
    hook: &LifecycleHandler,
    inside: Option<(Launch, i32)>,
    limit: Duration,
) {
    if let Some(sleep) = &hook.sleep {
        tokio::time::sleep(Duration::from_secs(sleep.seconds.try_into().unwrap_or(0))).await;
    } else if let (Some(exec), Some((launch, main))) = (&hook.exec, inside) {
        let rewriter = context.place.rewriter(container);
        let argv = exec.command.iter().flatten().map(|word| rewriter.text(word)).collect();
        let _ = process::exec(&Launch { argv, ..launch }, main, limit).await;
    } else if let Some(get) = &hook.http_get
        && let Some(port) = probe::port(&get.port, container)
    {
        let to = std::net::SocketAddrV4::new(context.place.address, context.place.ports.lab_port(port));
        let _ = probe::get(
            to,
            get.scheme.as_deref() == Some("HTTPS"),
            get.path.as_deref().unwrap_or("/"),
            &[],
        )
        .await;
    }
}

/// `lifecycle.stopSignal`, else the stop signal of the image: QUIT for NGINX, TERM for any other.
fn signal(container: &Container) -> Signal {
    let named = container
        .lifecycle
        .as_ref()
        .and_then(|lifecycle| lifecycle.stop_signal.as_deref());
    match named {
        Some("SIGQUIT") => Signal::QUIT,
        Some("SIGINT") => Signal::INT,
        Some("SIGHUP") => Signal::HUP,
        Some("SIGUSR1") => Signal::USR1,
        Some("SIGUSR2") => Signal::USR2,
        None if super::place::is_nginx(container) => Signal::QUIT,
        _ => Signal::TERM,
    }
}
