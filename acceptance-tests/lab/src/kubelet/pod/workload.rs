//! What a container runs: its rendered command, or the lab's own application.

use std::io;

use rustix::process::Signal;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::env::{Launch, Source};
use super::place::Place;
use super::process::Process;
use crate::kubelet::hello;
use crate::kubelet::pod::Context;
use k8s_openapi::api::core::v1::Container;

/// Images that are not executed as rendered.
const BUILT_IN: &str = "e2etls.lab/";

/// A started container.
pub(crate) enum Workload {
    Process {
        process: Process,
        launch: Box<Launch>,
    },
    Hello {
        serving: JoinHandle<i32>,
        stop: CancellationToken,
    },
}

/// Why a container did not start.
#[derive(Debug)]
pub(crate) struct StartError {
    pub(crate) reason: &'static str,
    pub(crate) message: String,
}

impl Workload {
    /// Starts a container.
    pub(crate) async fn start(context: &Context, container: &Container) -> Result<Self, StartError> {
        let pod = context.pod();
        let place = &context.place;
        if container.image.as_deref().unwrap_or_default().contains(BUILT_IN) {
            return Ok(Self::hello(
                place,
                container,
                pod.metadata.name.clone().unwrap_or_default(),
            ));
        }
        let source = Source {
            pod: &pod,
            place,
            cluster: &context.cluster,
            container,
        };
        let launch = source.launch().map_err(|e| StartError {
            reason: "CreateContainerConfigError",
            message: e.to_string(),
        })?;
        let process = Self::process(place, container, &launch).await;
        let process = process.map_err(|e| StartError {
            reason: "CreateContainerError",
            message: e.to_string(),
        })?;
        Ok(Self::Process {
            process,
            launch: Box::new(launch),
        })
    }

    async fn process(place: &Place, container: &Container, launch: &Launch) -> io::Result<Process> {
        super::process::kill_leftover(&place.pid_file(&container.name), &place.root(container));
        Process::start(launch, &place.log(&container.name), &place.pid_file(&container.name)).await
    }

    fn hello(place: &Place, container: &Container, pod: String) -> Self {
        let stop = CancellationToken::new();
        let port = container
            .ports
            .iter()
            .flatten()
            .find_map(|p| u16::try_from(p.container_port).ok())
            .unwrap_or(8080);
        let app = hello::App {
            pod,
            address: place.address,
            port: place.ports.lab_port(port),
            log: place.log(&container.name),
        };
        Self::Hello {
            serving: tokio::spawn(hello::serve(app, stop.clone())),
            stop,
        }
    }

    /// Waits for its end and returns the exit code.
    pub(crate) async fn wait(&mut self) -> i32 {
        match self {
            Self::Process { process, .. } => process.wait().await,
            Self::Hello { serving, .. } => serving.await.unwrap_or(137),
        }
    }

    /// Asks it to end.
    pub(crate) fn signal(&self, signal: Signal) {
        match self {
            Self::Process { process, .. } => process.signal(signal),
            Self::Hello { stop, .. } => stop.cancel(),
        }
    }

    /// Ends it now.
    pub(crate) fn kill(&self) {
        match self {
            Self::Process { process, .. } => process.kill_group(),
            Self::Hello { serving, .. } => serving.abort(),
        }
    }

    /// What a command inside the container is run with; the built-in application has no commands.
    pub(crate) fn inside(&self) -> Option<(Launch, i32)> {
        match self {
            Self::Process { process, launch } => Some((launch.as_ref().clone(), process.id())),
            Self::Hello { .. } => None,
        }
    }
}
