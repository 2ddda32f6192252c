<?php

declare(strict_types=1);

namespace Guestbook;

use PDO;

/** What visitors wrote, in the database. */
final class Entries
{
    private PDO $database;

    public function __construct()
    {
        $source = sprintf('mysql:host=%s;dbname=%s;charset=utf8mb4', setting('DB_HOST'), setting('DB_NAME'));
        $this->database = new PDO($source, setting('DB_USER'), setting('DB_PASSWORD'), [PDO::ATTR_TIMEOUT => 2]);
        $this->database->exec('CREATE TABLE IF NOT EXISTS entries (id SERIAL, text VARCHAR(200) NOT NULL)');
    }

    public function add(string $text): void
    {
        $this->database->prepare('INSERT INTO entries (text) VALUES (?)')->execute([mb_substr($text, 0, 200)]);
    }

    /** @return list<string> */
    public function latest(): array
    {
        return $this->database->query('SELECT text FROM entries ORDER BY id DESC LIMIT 20')->fetchAll(PDO::FETCH_COLUMN);
    }
}
