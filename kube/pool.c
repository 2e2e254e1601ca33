#include "pool.h"

#include "stash/mem.h"

void pool_init(struct pool *pool)
{
    *pool = (struct pool){0};
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->freed, NULL);
}

void pool_done(struct pool *pool)
{
    while (pool->idle_count > 0)
        curl_easy_cleanup(pool->idle[--pool->idle_count]);
    pthread_cond_destroy(&pool->freed);
    pthread_mutex_destroy(&pool->lock);
}

CURL *pool_take(struct pool *pool, bool urgent)
{
    pthread_mutex_lock(&pool->lock);
    while (!urgent && pool->busy_count >= POOL_BUSY_MAX)
        pthread_cond_wait(&pool->freed, &pool->lock);
    pool->busy_count++;
    CURL *curl = pool->idle_count > 0 ? pool->idle[--pool->idle_count] : NULL;
    pthread_mutex_unlock(&pool->lock);
    return curl ? curl : curl_easy_init();
}

void pool_return(struct pool *pool, CURL *curl)
{
    if (curl)
        curl_easy_reset(curl);
    pthread_mutex_lock(&pool->lock);
    pool->busy_count--;
    if (curl && pool->idle_count < POOL_IDLE_MAX)
        pool->idle[pool->idle_count++] = TAKE(curl);
    pthread_cond_signal(&pool->freed);
    pthread_mutex_unlock(&pool->lock);
    if (curl)
        curl_easy_cleanup(curl);
}
