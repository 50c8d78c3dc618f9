//! What a fake and the service behind its port have to do alike: checks over the ports, which panic where one does not hold.

mod aws;
mod expect;
mod kube;

pub use aws::{acm, acm_pca, cloudwatch, iam, route53};
pub use kube::kube;

#[cfg(test)]
mod tests {
    use crate::aws::FakeAws;
    use crate::kube::fake::FakeCluster;
    use crate::kube::kinds::CONFIG_MAP;

    #[tokio::test(start_paused = true)]
    async fn the_fakes_do_as_the_services() {
        let aws = FakeAws::default();
        let zone = aws.route53.add_zone("example.com", false);
        super::route53(&*aws.route53, &zone).await;
        super::acm(&aws.acm("eu-central-1"), &*aws.route53, &zone, "token").await;
        super::iam(&*aws.iam, "conformance").await;
        super::cloudwatch(&aws.cloudwatch("eu-central-1"), "conformance").await;
        super::acm_pca(&aws.acm_pca("eu-central-1"), "token").await;
        let cluster = FakeCluster::default();
        cluster.unserve(crate::kube::kinds::Kind {
            group: "none.example.com",
            ..CONFIG_MAP
        });
        super::kube(&cluster.objects(), "default").await;
    }
}
