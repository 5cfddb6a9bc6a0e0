// Most of these tests wait for a broker or a backoff, so a few run side by side; those that measure times run alone.

[assembly: CollectionBehavior(MaxParallelThreads = 4)]
