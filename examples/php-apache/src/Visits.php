<?php

declare(strict_types=1);

namespace Guestbook;

use Redis;

/** How often somebody looked, in the cache. */
final class Visits
{
    public static function next(): int
    {
        $cache = new Redis();
        $cache->connect(setting('CACHE_HOST'), 6379, 2.0);
        return (int) $cache->incr('visits');
    }
}
