<?php

declare(strict_types=1);

namespace Guestbook;

/** A setting: from the file that NAME_FILE names, such as a secret, else from the environment. */
function setting(string $name, string $default = ''): string
{
    $file = getenv("{$name}_FILE");
    if ($file !== false) {
        return trim((string) file_get_contents($file));
    }
    $value = getenv($name);
    return $value === false ? $default : $value;
}
