"""``wangdian topics``: what stands on the topics, who has read how far. Reading changes nothing."""
