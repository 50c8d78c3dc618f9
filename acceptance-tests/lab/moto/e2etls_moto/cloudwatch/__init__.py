"""CloudWatch: alarms and their tags.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/Welcome.html
"""
